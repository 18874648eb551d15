/** A configuration template: questions, and the statements that the answers make. */
export interface Template {
  readonly name: string;
  readonly parameters: readonly TemplateParameter[];
  /** Statement text in which `%P:name` stands for a value. */
  readonly generate: string;
  /** Templates that this one needs. */
  readonly dependsOn: readonly string[];
  readonly suggests: readonly string[];
  /** What `%_` and `%_:` stand for. */
  readonly prefix: string;
}

export interface TemplateParameter {
  readonly name: string;
  readonly value: string;
  readonly required: boolean;
  /** Line of the text, from 1. */
  readonly line: number;
}

/**
 * Reads the templates of a text: `%name`, `%depends_on`, `%suggests`, `%pfx`, `%required`, `%optional`, `%% parameter
 * [value]`, `%generate` followed by statements. `#` lines are help.
 */
export function parseTemplates(text: string): Template[] {
  const templates: (Template & { parameters: TemplateParameter[]; generate: string })[] = [];
  let required = true;
  let generating = false;
  for (const [index, line] of text.split('\n').entries()) {
    const directive = /^%(\w+|%)\s*(.*)$/.exec(line);
    const words =
      directive?.[2]
        ?.trim()
        .split(/\s+/)
        .filter((word) => word !== '') ?? [];
    const current = templates.at(-1);
    if (directive?.[1] === 'name') {
      const name = words[0] ?? '';
      templates.push({ name, prefix: name, parameters: [], generate: '', dependsOn: [], suggests: [] });
      generating = false;
      required = true;
    } else if (!current || line.startsWith('#')) continue;
    else if (directive?.[1] === 'generate') generating = true;
    else if (directive?.[1] === 'required') required = true;
    else if (directive?.[1] === 'optional') required = false;
    else if (directive?.[1] === 'pfx') Object.assign(current, { prefix: words[0] ?? current.name });
    else if (directive?.[1] === 'depends_on') Object.assign(current, { dependsOn: words });
    else if (directive?.[1] === 'suggests') Object.assign(current, { suggests: words });
    else if (directive?.[1] === '%') {
      const [name = '', ...value] = words;
      current.parameters.push({ name, value: value.join(' '), required, line: index + 1 });
    } else if (generating) current.generate += `${line}\n`;
  }
  return templates;
}

/** A required parameter without a value. */
export interface MissingParameter {
  readonly line: number;
  readonly name: string;
}

/** The statements that templates make, or what their parameters lack. */
export function generate(templates: readonly Template[]): { text: string; missing: MissingParameter[] } {
  const values = new Map<string, string>();
  const missing: MissingParameter[] = [];
  for (const { prefix, parameters } of templates) {
    for (const { name, value, required, line } of parameters) {
      if (value !== '') values.set(`${prefix}:${name}`, value);
      else if (required) missing.push({ line, name });
    }
  }
  const statements = templates.flatMap(({ generate: body, prefix }) =>
    body
      .split(/\n\s*\n/)
      .map((block) => expand(block, prefix, values))
      .filter((block) => block !== ''),
  );
  return { text: statements.length === 0 ? '' : `${statements.join('\n')}\n`, missing };
}

/** One statement with its values; lines of `opt` whose parameter has none are left out. */
function expand(block: string, prefix: string, values: ReadonlyMap<string, string>): string {
  const lines: string[] = [];
  for (const raw of block.split('\n')) {
    let line = raw.replace(/\\\s*$/, '').trim();
    if (line === '') continue;
    const optional = /^opt\s+/.exec(line);
    if (optional) line = line.slice(optional[0].length);
    let unset = false;
    line = line
      .replace(/(=?)%(\w[\w-]*|_):(\w[\w-]*)/g, (_whole, equals: string, owner: string, name: string) => {
        const value = values.get(`${owner === '_' ? prefix : owner}:${name}`);
        if (value === undefined) unset = true;
        return equals === '' ? (value ?? '') : `="${(value ?? '').replaceAll('"', '\\"')}"`;
      })
      .replace(/%_/g, prefix);
    if (!(optional && unset)) lines.push(line);
  }
  return lines.join(' \\\n\t');
}

/** The template's text under another name, with the values given and its prefix noted. */
export function instantiate(text: string, prefix: string, given: Readonly<Record<string, string>>): string {
  return text
    .split('\n')
    .flatMap((line) => {
      if (/^%name\s/.test(line)) return [line, `%pfx ${prefix}`];
      const parameter = /^%%\s+(\S+)/.exec(line);
      const value = parameter ? given[parameter[1]!] : undefined;
      return [value === undefined ? line : `%% ${parameter![1]} ${value}`];
    })
    .join('\n')
    .replace(/%_:/g, `%${prefix}:`)
    .replace(/%_/g, prefix);
}
