import { randomNumbers } from '../../../scripts/random-numbers.mjs';
import { Element } from '../../../src/cib/element.js';
import { parseXml, writeXml } from '../../../src/cib/xml.js';

/** Values that mean something somewhere, and some that mean nothing. */
const VALUES =
  '0 1 -1 true false yes INFINITY -INFINITY +INFINITY inf 1week 5x P1D PT5M P1X never 10s 10 1.5 500ms -5s Started Stopped Promoted Unpromoted Master Slave Boss stop fence block demote ignore restart standby restart-container nosuch p1 alpha 2024-01-01 yesterday 2024-13-45 eq reboot poweroff off freeze suicide balanced utilization custom quorum unfencing nothing 99999999999 1000000 -1000001 Mandatory Optional Serialize exclusive always pacemaker-2.0 #uname member remote ping ocf lsb systemd service stonith upstart nagios bogus bo&gus'
    .split(' ')
    .concat('', ' ', 'a b', '\u00fc');

const OPTIONS =
  'no-quorum-policy symmetric-cluster maintenance-mode start-failure-is-fatal enable-startup-probes shutdown-lock shutdown-lock-limit stonith-enabled stonith-action stonith-timeout have-watchdog stonith-watchdog-timeout startup-fencing priority-fencing-delay concurrent-fencing cluster-delay batch-limit migration-limit stop-all-resources stop-orphan-resources stop-orphan-actions remove-after-stop node-health-strategy node-health-base node-health-green placement-strategy pe-error-series-max pe-warn-series-max cluster-recheck-interval dc-deadtime election-timeout load-threshold node-action-limit fence-reaction bogus target-role is-managed priority resource-stickiness requires migration-threshold failure-timeout multiple-active maintenance critical allow-migrate container-attribute-target remote-node remote-port remote-addr clone-max clone-node-max clone-min promoted-max promoted-node-max master-max master-node-max promotable globally-unique ordered interleave notify restart-type interval timeout on-fail enabled record-pending role start-delay interval-origin standby provides pcmk_host_list pcmk_host_check'.split(
    ' ',
  );

const ATTRIBUTES =
  'score kind role node rsc with-rsc first then first-action then-action symmetrical sequential require-all influence score-attribute boolean-op operation attribute type value value-source start end interval timeout on-fail start-delay interval-origin enabled record-pending name class provider template id id-ref ticket loss-policy resource-discovery rsc-pattern node-attribute rsc-role with-rsc-role index devices target target-pattern target-attribute target-value replicas image network uname'.split(
    ' ',
  );

/** The CIB with one to three changes, and the changes in words. */
export function mutatedCib(text: string, seed: number): { text: string; what: string[] } {
  const random = randomNumbers(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const root = parseXml(text);
  const configuration = root.first('configuration');
  const all = () =>
    [...(configuration ?? root).descendants()].filter((each) => each.name !== 'configuration');
  const what: string[] = [];
  const ids = all().flatMap((each) => (each.id === '' ? [] : [each.id]));
  const value = () => (random() < 0.25 ? pick(ids) : pick(VALUES));
  const parentOf = (element: Element) =>
    [root, ...root.descendants()].find((each) => each.children.includes(element));
  const said = (element: Element) => writeXml(element, { indent: false }).slice(0, 200);
  const pair = (id: string, name: string) => {
    const made = new Element('nvpair');
    made.set('id', id);
    made.set('name', name);
    made.set('value', value());
    return made;
  };
  const changes = [
    () => {
      const element = pick(all());
      const names = [...element.attributes].map(([name]) => name);
      if (names.length === 0) return;
      const name = pick(names);
      element.set(name, value());
      what.push(`${name} changed: ${said(element)}`);
    },
    () => {
      const element = pick(all());
      const name = pick(ATTRIBUTES);
      element.set(name, value());
      what.push(`${name} set: ${said(element)}`);
    },
    () => {
      const element = pick(all());
      const names = [...element.attributes].map(([name]) => name);
      if (names.length === 0) return;
      const name = pick(names);
      element.set(name, undefined);
      what.push(`${name} removed: ${said(element)}`);
    },
    () => {
      const element = pick(all());
      parentOf(element)?.remove(element);
      what.push(`removed: ${said(element)}`);
    },
    () => {
      const element = pick(all());
      const copy = element.clone();
      if (random() < 0.7) {
        for (const each of [copy, ...copy.descendants()])
          if (each.id !== '') each.set('id', `${each.id}-copy`);
      }
      parentOf(element)?.append(copy);
      what.push(`copied: ${said(copy)}`);
    },
    () => {
      const sets = all().filter((each) => /attributes$|property_set$/.test(each.name));
      if (sets.length === 0) return;
      const set = pick(sets);
      const made = set.append(pair(`extra-${what.length}`, pick(OPTIONS)));
      what.push(`added to ${set.name} ${set.id}: ${said(made)}`);
    },
    () => {
      const options = configuration?.first('crm_config')?.first('cluster_property_set');
      if (!options) return;
      const made = options.append(pair(`option-${what.length}`, pick(OPTIONS)));
      what.push(`option: ${said(made)}`);
    },
    () => {
      const [element, other] = [pick(all()), pick(all())];
      if ([...element.descendants()].includes(other) || element === other) return;
      parentOf(element)?.remove(element);
      other.append(element);
      what.push(`moved into ${other.name}: ${said(element)}`);
    },
    () => {
      const name = pick(['validate-with', 'crm_feature_set', 'epoch', 'have-quorum', 'dc-uuid']);
      const to = pick([
        'none',
        'pacemaker-1.0',
        'pacemaker-1.2',
        'pacemaker-2.10',
        'pacemaker-3.0',
        'pacemaker-3.7',
        'x',
        '0',
        '-1',
        undefined,
      ]);
      root.set(name, to);
      what.push(`${name}="${to}"`);
    },
  ];
  const weights = [0, 0, 0, 1, 1, 2, 3, 4, 5, 5, 6, 6, 7, ...(random() < 0.1 ? [8, 8, 8] : [])];
  for (let left = 1 + Math.floor(random() * 3); left > 0; left--) changes[pick(weights)]!();
  return { text: writeXml(root), what };
}
