import { readFileSync } from 'node:fs';

/** The version in `package.json`, put in by the build. */
export function ownVersion(): string {
  if (typeof __QUORATE_VERSION__ === 'string') return __QUORATE_VERSION__;
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

declare const __QUORATE_VERSION__: string | undefined;
