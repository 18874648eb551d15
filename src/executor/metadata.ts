/** Meta-data documents for agents that have none of their own. */

export interface MetadataSource {
  readonly name: string;
  readonly shortdesc: string;
  readonly longdesc: string;
  /** Name, timeout in seconds, interval in seconds. */
  readonly actions: readonly (readonly [name: string, timeout: string, interval?: string])[];
  readonly parameters?: readonly string[];
  /** Version of the OCF API that is spoken of. Default 1.0. */
  readonly ocfVersion?: string;
  /** Tag of the `<special>` element. */
  readonly special?: string;
}

export function metadataDocument(source: MetadataSource): string {
  const actions = source.actions.map(
    ([name, timeout, interval]) =>
      `    <action name="${name}" timeout="${timeout}"${interval === undefined ? '' : ` interval="${interval}"`}/>`,
  );
  const parameters = (source.parameters ?? []).map(
    (name) =>
      `    <parameter name="${escapeText(name)}">\n      <shortdesc lang="en">${escapeText(name)}</shortdesc>\n` +
      '      <content type="string"/>\n    </parameter>',
  );
  return [
    '<?xml version="1.0"?>',
    '<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">',
    `<resource-agent name="${escapeText(source.name)}" version="0.1">`,
    `  <version>${source.ocfVersion ?? '1.0'}</version>`,
    `  <longdesc lang="en">${escapeText(source.longdesc)}</longdesc>`,
    `  <shortdesc lang="en">${escapeText(source.shortdesc)}</shortdesc>`,
    ...(parameters.length === 0 ? ['  <parameters/>'] : ['  <parameters>', ...parameters, '  </parameters>']),
    '  <actions>',
    ...actions,
    '  </actions>',
    ...(source.special === undefined ? [] : [`  <special tag="${source.special}"/>`]),
    '</resource-agent>',
    '',
  ].join('\n');
}

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (character) =>
    character === '&' ? '&amp;' : character === '<' ? '&lt;' : character === '>' ? '&gt;' : '&quot;',
  );
}
