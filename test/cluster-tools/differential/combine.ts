/** Every way to take one from each list; an empty string takes nothing. */
export function combine(...lists: readonly (readonly string[])[]): string[] {
  let all: string[] = [''];
  for (const list of lists) all = all.flatMap((start) => list.map((word) => `${start} ${word}`.trim()));
  return all;
}

/** Command lines of a tool, from the words behind its name. */
export function prefixed(tool: string, rest: readonly string[]): string[] {
  return rest.map((words) => `${tool} ${words}`.trim());
}

/** What every tool prints that has output formats. */
export const FORMATS: readonly string[] = ['', '--output-as=xml'];
