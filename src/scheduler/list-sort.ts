/**
 * A stable merge sort that halves as GLib's `g_list_sort` does, so that comparisons which contradict each other
 * (they exist among clone instances) end as Pacemaker's do.
 */
export function listSort<T>(list: readonly T[], compare: (a: T, b: T) => number): T[] {
  if (list.length < 2) return list.slice();
  const half = list.length >> 1;
  const left = listSort(list.slice(0, half), compare);
  const right = listSort(list.slice(half), compare);
  const merged: T[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    merged.push(compare(left[i]!, right[j]!) <= 0 ? left[i++]! : right[j++]!);
  }
  while (i < left.length) merged.push(left[i++]!);
  while (j < right.length) merged.push(right[j++]!);
  return merged;
}

/** Sorts in place with `listSort`. */
export function sortList<T>(list: T[], compare: (a: T, b: T) => number): void {
  const sorted = listSort(list, compare);
  for (let i = 0; i < sorted.length; i++) list[i] = sorted[i]!;
}

/** Inserts before the first element that the new one does not come after. */
export function insertSorted<T>(list: T[], item: T, compare: (a: T, b: T) => number): void {
  let at = 0;
  while (at < list.length && compare(item, list[at]!) > 0) at++;
  list.splice(at, 0, item);
}
