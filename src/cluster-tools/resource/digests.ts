import type { ResultName } from '../../command-line/result-codes.js';

export function showDigests(..._: unknown[]): ResultName {
  return 'EOPNOTSUPP';
}
