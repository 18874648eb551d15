/** What is not there yet, and why. A name that is implemented must not stand here. */
export const MISSING: Readonly<Record<string, string>> = {
  'corosync link': 'crmsh 5 only; links are edited with corosync edit, set and push',
  sbd: 'crmsh 5 only; the agent has no sbd support yet',
};
