import { type CorosyncFile, type Item, type Setting, setting } from './ast.js';
import { optionOf, type ValueType } from './options.js';

/** One key of the configuration map, as `corosync-cmapctl` shows it: `KEY (TYPE) = VALUE`. */
export interface CmapEntry {
  readonly key: string;
  readonly type: ValueType;
  readonly value: string;
}

/** The keys that Corosync 3.1 makes of its file (exec/coroparse.c), sorted by key. */
export function toCmap(file: CorosyncFile): CmapEntry[] {
  const entries = new Map<string, CmapEntry>();
  let nodes = 0;
  const put = (key: string, item: Setting, path: string): void => {
    const option = optionOf(path);
    // Corosync keeps totem.interface's old `ringnumber` as it keeps any key it does not know.
    const type = option && item.key !== 'ringnumber' ? option.type : 'str';
    entries.set(key, { key, type, value: item.value });
  };
  const walk = (items: readonly Item[], path: string, prefix: string): void => {
    for (const item of items) {
      if (item.kind === 'setting') {
        const full = path === '' ? item.key : `${path}.${item.key}`;
        if (path === 'totem.interface' && item.key === 'linknumber') continue;
        if (path === 'totem.interface' && !/^(bindnetaddr|mcast|broadcast|ttl|knet_)/.test(item.key)) {
          put(full, item, full);
        } else put(prefix === '' ? item.key : `${prefix}.${item.key}`, item, full);
      } else if (item.kind === 'section') {
        const inner = path === '' ? item.name : `${path}.${item.name}`;
        let key = prefix === '' ? item.name : `${prefix}.${item.name}`;
        if (inner === 'nodelist.node') key = `${key}.${nodes++}`;
        else if (inner === 'totem.interface')
          key = `${key}.${setting(item.items, 'linknumber')?.value ?? '0'}`;
        else if (inner === 'logging.logger_subsys')
          key = `${key}.${setting(item.items, 'subsys')?.value ?? ''}`;
        walk(item.items, inner, key);
      }
    }
  };
  walk(file.items, '', '');
  return [...entries.values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}
