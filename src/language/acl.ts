/** Shortcuts of the ACL language: pieces of an XPath, each taking one word for `@@`. */
const SHORTCUTS: Readonly<Record<string, readonly string[]>> = {
  meta: ["//primitive[@id='@@']/meta_attributes", "/nvpair[@name='@@']"],
  params: ["//primitive[@id='@@']/instance_attributes", "/nvpair[@name='@@']"],
  utilization: ["//primitive[@id='@@']/utilization"],
  location: ["//rsc_location[@id='cli-prefer-@@' and @rsc='@@']"],
  property: ['//crm_config/cluster_property_set', "/nvpair[@name='@@']"],
  nodeattr: ['//nodes/node/instance_attributes', "/nvpair[@name='@@']"],
  nodeutil: ['//nodes/node/utilization', "[@uname='@@']"],
  node: ['//nodes/node', "[@uname='@@']"],
  status: ['/cib/status'],
  cib: ['/cib'],
};

export function isAclShortcut(name: string): boolean {
  return Object.hasOwn(SHORTCUTS, name);
}

export function aclShortcuts(): string[] {
  return Object.keys(SHORTCUTS);
}

/** The XPath of `meta:rsc:attribute`; undefined where a word is missing or too many are given. */
export function expandAclShortcut(name: string, words: string | undefined): string | undefined {
  const pieces = SHORTCUTS[name]!;
  if (words === undefined) return pieces[0]!.includes('@@') ? undefined : pieces[0];
  let xpath = '';
  let at = 0;
  for (const word of words.split(':')) {
    if (at < pieces.length && !pieces[at]!.includes('@@')) xpath += pieces[at++];
    if (at >= pieces.length) return undefined;
    xpath += pieces[at++]!.replaceAll('@@', word);
  }
  return xpath;
}

/** The shortcut that an XPath is exactly the expansion of, as it is written: `meta:web:target-role`. */
export function findAclShortcut(xpath: string): string | undefined {
  for (const [name, pieces] of Object.entries(SHORTCUTS)) {
    let pattern = '';
    for (const piece of pieces) {
      pattern += piece.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replaceAll('@@', '([a-zA-Z_][a-zA-Z0-9_.-]*)');
      const match = new RegExp(`^${pattern}$`).exec(xpath);
      if (match) {
        const words = match.slice(1);
        return [name, ...(name === 'location' ? words.slice(0, 1) : words)].join(':');
      }
    }
  }
  return undefined;
}
