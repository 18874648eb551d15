/** Secrets of resources, put in their places in the parameters that agents get (cib/secrets.ts). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSecretName, SECRET_MARK, SIGN_SUFFIX, verifySecret } from '../cib/secrets.js';

/**
 * The parameters as the agent gets them; null where a secret is not there, or is not the one whose MD5 is there. What is
 * remembered and hashed of an operation are the parameters of the CIB, never these.
 */
export function resolveSecrets(
  folder: string,
  resource: string,
  parameters: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | null {
  if (!Object.values(parameters).includes(SECRET_MARK)) return parameters;
  const resolved: Record<string, string> = { ...parameters };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== SECRET_MARK) continue;
    const secret = readSecret(join(folder, resource), name);
    if (secret === null) return null;
    resolved[name] = secret;
  }
  return resolved;
}

function readSecret(folder: string, name: string): string | null {
  if (!isSecretName(name)) return null;
  try {
    const file = join(folder, name);
    return verifySecret(readFileSync(file, 'utf8'), readFileSync(`${file}${SIGN_SUFFIX}`, 'latin1'));
  } catch {
    return null;
  }
}
