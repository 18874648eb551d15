/**
 * Parameters whose values are kept out of the CIB (cibsecret(8)): there stands `lrm://`, the value is in a file of this
 * host that only root may read, beside its MD5.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const MARK = 'lrm://';

/**
 * The parameters as the agent gets them; null where a secret is not there, or is not the one whose MD5 is there. What is
 * remembered and hashed of an operation are the parameters of the CIB, never these.
 */
export function resolveSecrets(
  folder: string,
  resource: string,
  parameters: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | null {
  if (!Object.values(parameters).includes(MARK)) return parameters;
  const resolved: Record<string, string> = { ...parameters };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== MARK) continue;
    const secret = readSecret(join(folder, resource), name);
    if (secret === null) return null;
    resolved[name] = secret;
  }
  return resolved;
}

function readSecret(folder: string, name: string): string | null {
  if (name.includes('/')) return null;
  try {
    const secret = readFileSync(join(folder, name), 'utf8').trimEnd();
    const sum = readFileSync(join(folder, `${name}.sign`), 'latin1').trim();
    const actual = createHash('md5').update(secret).digest('hex');
    return sum.toLowerCase() === actual ? secret : null;
  } catch {
    return null;
  }
}
