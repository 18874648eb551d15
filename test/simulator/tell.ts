/** A fault in a few words, as it is read in a story. */
export function tell(fault: { readonly kind: string }): string {
  const { kind, ...rest } = fault;
  const values = Object.entries(rest)
    .filter(([name]) => name !== 'afterMs')
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : value}`);
  return [kind, ...values].join(' ');
}
