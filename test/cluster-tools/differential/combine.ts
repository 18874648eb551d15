/** Every way to take one from each list; an empty string takes nothing. */
export function combine(...lists: readonly (readonly string[])[]): string[] {
  let all: string[] = [''];
  for (const list of lists) all = all.flatMap((start) => list.map((word) => `${start} ${word}`.trim()));
  return all;
}
