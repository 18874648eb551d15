import type { ResultName } from '../../command-line/result-codes.js';
export async function executeAgent(..._: unknown[]): Promise<ResultName> {
  return 'EOPNOTSUPP';
}
export async function runLocally(..._: unknown[]): Promise<number> {
  return 3;
}
