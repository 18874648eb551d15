import type { ResultName } from '../../command-line/result-codes.js';
export async function runThroughAgent(..._: unknown[]): Promise<ResultName> {
  return 'EOPNOTSUPP';
}
