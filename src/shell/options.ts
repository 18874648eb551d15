/** How a value of an option is checked and stored. */
export type OptionType = 'boolean' | 'string' | 'integer' | { readonly oneOf: readonly string[] } | 'program';

export interface OptionDefinition {
  /** `section.name` as in the configuration file. */
  readonly key: string;
  readonly type: OptionType;
  readonly default: string;
  readonly summary: string;
}

const yes = 'yes';
const no = 'no';

/** crmsh's options (and ours at the end); defaults, checks, help, completion and `options show` read these rows. */
export const OPTIONS: readonly OptionDefinition[] = [
  { key: 'core.editor', type: 'program', default: '', summary: 'Editor; $EDITOR, else vi, where empty' },
  { key: 'core.pager', type: 'program', default: '', summary: 'Pager for long output; $PAGER, else less' },
  { key: 'core.user', type: 'string', default: '', summary: 'User to run privileged commands as' },
  {
    key: 'core.skill_level',
    type: { oneOf: ['operator', 'administrator', 'expert'] },
    default: 'expert',
    summary: 'Commands above this level are refused',
  },
  { key: 'core.sort_elements', type: 'boolean', default: yes, summary: 'Sort by id what `show` prints' },
  {
    key: 'core.check_frequency',
    type: { oneOf: ['always', 'on-verify', 'never'] },
    default: 'always',
    summary: 'When to check the configuration',
  },
  {
    key: 'core.check_mode',
    type: { oneOf: ['strict', 'relaxed'] },
    default: 'strict',
    summary: 'Whether semantic errors refuse a commit',
  },
  { key: 'core.wait', type: 'boolean', default: no, summary: 'Wait for the cluster after changes, as -w' },
  { key: 'core.add_quotes', type: 'boolean', default: yes, summary: 'Quote arguments that contain blanks' },
  {
    key: 'core.manage_children',
    type: { oneOf: ['ask', 'never', 'always'] },
    default: 'ask',
    summary: 'Whether start and stop of a group also clear its members',
  },
  { key: 'core.force', type: 'boolean', default: no, summary: 'Answer every question with yes, as -F' },
  { key: 'core.debug', type: 'boolean', default: no, summary: 'Debug messages, as -d' },
  { key: 'core.ptest', type: 'program', default: '', summary: 'Program to simulate with; ours where empty' },
  { key: 'core.dotty', type: 'program', default: '', summary: 'Program to show graphs with' },
  { key: 'core.dot', type: 'program', default: '', summary: 'Program to draw graphs with' },
  {
    key: 'core.ignore_missing_metadata',
    type: 'boolean',
    default: no,
    summary: 'Accept agents without metadata',
  },
  { key: 'core.report_tool_options', type: 'string', default: '', summary: 'Options for `crm report`' },
  { key: 'core.lock_timeout', type: 'integer', default: '120', summary: 'Seconds to wait for a lock' },
  { key: 'core.OCF_1_1_SUPPORT', type: 'boolean', default: no, summary: 'Store Promoted and Unpromoted' },
  { key: 'core.obscure_pattern', type: 'string', default: 'passw*', summary: 'Attributes that `show` hides' },
  {
    key: 'path.sharedir',
    type: 'string',
    default: '/usr/share/crmsh',
    summary: 'Data that comes with the shell',
  },
  { key: 'path.cache', type: 'string', default: '/var/cache/crm', summary: 'Where reports are unpacked' },
  {
    key: 'path.crm_config',
    type: 'string',
    default: '/var/lib/pacemaker/cib',
    summary: 'Folder of shadow CIBs',
  },
  {
    key: 'path.crm_daemon_dir',
    type: 'string',
    default: '/usr/lib/pacemaker',
    summary: 'Folder of the cluster daemons',
  },
  {
    key: 'path.crm_daemon_user',
    type: 'string',
    default: 'hacluster',
    summary: 'User of the cluster daemons',
  },
  { key: 'path.ocf_root', type: 'string', default: '/usr/lib/ocf', summary: 'Folder of the resource agents' },
  {
    key: 'path.crm_dtd_dir',
    type: 'string',
    default: '/usr/share/pacemaker',
    summary: 'Folder of the schemas',
  },
  {
    key: 'path.pe_state_dir',
    type: 'string',
    default: '/var/lib/pacemaker/pengine',
    summary: 'Folder of scheduler inputs',
  },
  {
    key: 'path.heartbeat_dir',
    type: 'string',
    default: '/var/lib/heartbeat',
    summary: 'Folder that agents write traces below',
  },
  {
    key: 'path.hb_delnode',
    type: 'string',
    default: '/usr/share/heartbeat/hb_delnode',
    summary: 'Program that removes a Heartbeat node',
  },
  {
    key: 'path.nagios_plugins',
    type: 'string',
    default: '/usr/lib/nagios/plugins',
    summary: 'Folder of Nagios plugins',
  },
  {
    key: 'path.hawk_wizards',
    type: 'string',
    default: '/srv/www/hawk/config/wizard',
    summary: "Folder of Hawk's wizards",
  },
  {
    key: 'color.style',
    type: { oneOf: ['color', 'plain', 'color-always', 'uppercase'] },
    default: 'color',
    summary: 'How output looks, as -D',
  },
  { key: 'color.error', type: 'string', default: 'red bold', summary: 'Colour of errors' },
  { key: 'color.ok', type: 'string', default: 'green bold', summary: 'Colour of success' },
  { key: 'color.warn', type: 'string', default: 'yellow bold', summary: 'Colour of warnings' },
  { key: 'color.info', type: 'string', default: 'cyan', summary: 'Colour of information' },
  { key: 'color.help_keyword', type: 'string', default: 'blue bold underline', summary: 'Colour in help' },
  { key: 'color.help_header', type: 'string', default: 'normal bold', summary: 'Colour in help' },
  { key: 'color.help_topic', type: 'string', default: 'yellow bold', summary: 'Colour in help' },
  { key: 'color.help_block', type: 'string', default: 'cyan', summary: 'Colour in help' },
  { key: 'color.keyword', type: 'string', default: 'yellow', summary: 'Colour of keywords' },
  { key: 'color.identifier', type: 'string', default: 'normal', summary: 'Colour of ids' },
  { key: 'color.attr_name', type: 'string', default: 'cyan', summary: 'Colour of attribute names' },
  { key: 'color.attr_value', type: 'string', default: 'red', summary: 'Colour of attribute values' },
  {
    key: 'color.resource_reference',
    type: 'string',
    default: 'green',
    summary: 'Colour of resource references',
  },
  { key: 'color.id_reference', type: 'string', default: 'green', summary: 'Colour of id references' },
  { key: 'color.score', type: 'string', default: 'magenta', summary: 'Colour of scores' },
  { key: 'color.ticket', type: 'string', default: 'magenta', summary: 'Colour of tickets' },
  { key: 'report.from_time', type: 'string', default: '-12H', summary: 'Where a report begins' },
  { key: 'report.compress', type: 'boolean', default: yes, summary: 'Compress reports' },
  { key: 'report.speed_up', type: 'boolean', default: no, summary: 'Leave the slow parts out of reports' },
  { key: 'report.collect_extra_logs', type: 'string', default: '', summary: 'More log files for reports' },
  { key: 'report.remove_exist_dest', type: 'boolean', default: no, summary: 'Overwrite an existing report' },
  { key: 'report.single_node', type: 'boolean', default: no, summary: 'Report on this node only' },
];

const BY_KEY = new Map(OPTIONS.map((definition) => [definition.key, definition]));

/** Where the configuration stands; the caller reads and writes the files. */
export interface OptionStore {
  /** Text of the per-user file as last read; empty where there is none. */
  readonly user: string;
  readonly save: (text: string) => void;
}

/** The shell's options: defaults, then the system's file, then the user's, then the command line's. */
export class Options {
  readonly #values = new Map<string, string>();
  /** Keys whose value holds for this run only (`-D`, `-o`). */
  readonly #temporary = new Set<string>();
  readonly #store: OptionStore;

  constructor(systemText = '', store: OptionStore = { user: '', save: () => {} }) {
    this.#store = store;
    for (const text of [systemText, store.user]) {
      for (const [key, value] of readIni(text)) if (BY_KEY.has(key)) this.#values.set(key, value);
    }
  }

  /** The value of `section.name`; the definition's default where it is not set. */
  get(key: string): string {
    const definition = BY_KEY.get(key);
    if (!definition) throw new Error(`no such option: ${key}`);
    return this.#values.get(key) ?? definition.default;
  }

  is(key: string): boolean {
    return isTrue(this.get(key));
  }

  /** Whether the user or the system's file has set it. */
  isSet(key: string): boolean {
    return this.#values.has(key);
  }

  /** Sets a value; answers a complaint where key or value is not valid. `temporary` values are never saved. */
  set(key: string, value: string, temporary = false): string | null {
    const definition = BY_KEY.get(key);
    if (!definition) return `Setting invalid option ${key}`;
    const complaint = check(definition, value);
    if (complaint) return complaint;
    this.#values.set(key, value);
    if (temporary) this.#temporary.add(key);
    else this.#temporary.delete(key);
    return null;
  }

  reset(): void {
    this.#values.clear();
    this.#temporary.clear();
  }

  /** Writes what differs from the defaults into the user's file. */
  save(): void {
    const sections = new Map<string, string[]>();
    for (const [key, value] of this.#values) {
      if (this.#temporary.has(key)) continue;
      const [section, name] = key.split('.') as [string, string];
      const lines = sections.get(section) ?? [];
      lines.push(`${name} = ${value}`);
      sections.set(section, lines);
    }
    const text = [...sections].map(([section, lines]) => `[${section}]\n${lines.join('\n')}\n`).join('\n');
    this.#store.save(text);
  }
}

/** The key that a name stands for: `core.editor`, `editor`, `skill-level`; null where none or several. */
export function optionKey(name: string): string | null {
  const wanted = name.replaceAll('-', '_').toLowerCase();
  if (BY_KEY.has(name)) return name;
  const found = OPTIONS.filter(({ key }) => key.toLowerCase() === wanted || key.split('.')[1] === wanted);
  return found.length === 1 ? found[0]!.key : null;
}

/** crmsh's words for true. */
export function isTrue(value: string): boolean {
  return /^(yes|true|on|1)$/i.test(value);
}

function check(definition: OptionDefinition, value: string): string | null {
  const { type } = definition;
  if (type === 'boolean' && !/^(yes|no|true|false|on|off|0|1)$/i.test(value)) {
    return `Not a boolean: ${value} (try one of: yes, true, on, 1, no, false, off, 0)`;
  }
  if (type === 'integer' && !/^\d+$/.test(value)) return `Not an integer: ${value}`;
  if (typeof type === 'object') {
    for (const part of value.split(',')) {
      if (!type.oneOf.includes(part.trim())) return `${value} is not one of: ${type.oneOf.join(', ')}`;
    }
  }
  return null;
}

/** Python's ini form: `[section]`, `name = value` or `name: value`, comments after `#` or `;`. */
function readIni(text: string): [string, string][] {
  const found: [string, string][] = [];
  let section = '';
  for (const line of text.split('\n')) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const heading = /^\[([^\]]+)\]/.exec(line);
    if (heading) section = heading[1]!;
    const pair = /^\s*([^=:\s]+)\s*[=:]\s*(.*?)\s*$/.exec(line);
    if (!heading && pair) found.push([`${section}.${pair[1]}`, pair[2]!]);
  }
  return found;
}
