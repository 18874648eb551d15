import { describe, expect, it } from 'vitest';
import { parseXml } from '../../src/cib/xml.js';
import {
  type AgentTraits,
  agentCall,
  deviceDelayMs,
  parseHostList,
  parseHostMap,
  readDevices,
  readTraits,
} from '../../src/fencing/device.js';
import { Fencer, type FencingEvent, type FencingRequest } from '../../src/fencing/fencer.js';
import { mergeHistories } from '../../src/fencing/history.js';
import { levelsFor, readTopology } from '../../src/fencing/topology.js';
import { watchdogTimeout, withWatchdog } from '../../src/fencing/watchdog.js';

const ALL = ['reboot', 'off', 'on', 'list', 'status', 'monitor'];

function traits(more: Partial<AgentTraits> = {}, actions: readonly string[] = ALL): AgentTraits {
  return { actions: new Set(actions), onTarget: new Set(), unfences: false, hostArgument: 'port', ...more };
}

const AGENTS = new Map([
  ['fence_full', traits()],
  ['fence_off', traits({}, ['off', 'on', 'monitor'])],
  ['fence_status', traits({}, ['reboot', 'off', 'on', 'status', 'monitor'])],
  ['fence_plain', traits({}, ['reboot', 'off', 'monitor'])],
  [
    'fence_scsi',
    traits({ unfences: true, onTarget: new Set(['on']), hostArgument: 'plug' }, ['off', 'on', 'monitor']),
  ],
]);

/** `st1 fence_full pcmk_host_list=n1,n2 meta:target-role=Stopped`, a line each. */
function cib(devices: string, topology = '', constraints = '') {
  const primitives = devices
    .trim()
    .split('\n')
    .map((line) => {
      const [id, type, ...pairs] = line.trim().split(/\s+/);
      const nvpairs = (prefix: string, set: string) =>
        `<${set} id="${id}-${set}">${pairs
          .filter((pair) => pair.startsWith('meta:') === (prefix === 'meta:'))
          .map((pair) => pair.slice(prefix.length))
          .map((pair) => {
            const at = pair.indexOf('=');
            return `<nvpair id="${id}-${pair.slice(0, at)}" name="${pair.slice(0, at)}" value="${pair.slice(at + 1)}"/>`;
          })
          .join('')}</${set}>`;
      return `<primitive id="${id}" class="stonith" type="${type}">${nvpairs('', 'instance_attributes')}${nvpairs('meta:', 'meta_attributes')}</primitive>`;
    })
    .join('');
  return parseXml(
    `<cib><configuration><resources>${primitives}</resources><constraints>${constraints}</constraints><fencing-topology>${topology}</fencing-topology></configuration></cib>`,
  );
}

/** A fencer with its surroundings, in words: `run 1 on n2: st1 off n1 port=n1 (60s)`. */
class Lab {
  readonly fencer = new Fencer();
  nowMs = 1_000_000;

  constructor(devices: string, topology = '', constraints = '', watchdogTimeoutMs = 0) {
    const document = cib(devices, topology, constraints);
    this.tell({
      kind: 'configure',
      configuration: {
        devices: withWatchdog(readDevices(document, AGENTS), watchdogTimeoutMs),
        levels: readTopology(document),
        nodeAttributes: { n1: { rack: '7' } },
        watchdogTimeoutMs,
      },
    });
    this.tell({ kind: 'members', members: ['n1', 'n2', 'n3'] });
  }

  tell(event: DistributiveOmit<FencingEvent, 'nowMs' | 'random'>): string[] {
    this.nowMs += 1000;
    const lines: string[] = [];
    for (const effect of this.fencer.step({ ...event, nowMs: this.nowMs, random: 0.5 } as FencingEvent)) {
      switch (effect.kind) {
        case 'run': {
          const { target } = effect.call;
          const words = [
            effect.call.action,
            ...(target ? [target.node] : []),
            ...(target?.parameter === undefined ? [] : [`${target.parameter}=${target.value}`]),
          ];
          const wait = effect.delayMs > 0 ? ` after ${effect.delayMs}` : '';
          lines.push(
            `run ${effect.run} on ${effect.node}: ${effect.device} ${words.join(' ')}${wait} (${effect.timeoutMs / 1000}s)`,
          );
          break;
        }
        case 'cancel-run':
          lines.push(`cancel ${effect.run} on ${effect.node}`);
          break;
        case 'completed': {
          const { target, action, delegate, reason } = effect.entry;
          lines.push(
            `${effect.ok ? 'done' : 'FAILED'} ${action} ${target} by ${delegate} for ${effect.requests.join(',')}${reason === null ? '' : `: ${reason}`}`,
          );
          break;
        }
        case 'set-timer':
          if (!effect.timer.startsWith('run')) lines.push(`timer ${effect.timer} ${effect.delayMs / 1000}s`);
          break;
        case 'self-fence':
          lines.push(`${effect.node}, reset yourself`);
          break;
        case 'started':
        case 'clear-timer':
          break;
      }
    }
    return lines;
  }

  fence(action: FencingRequest['action'], target: string, more: Partial<FencingRequest> = {}): string[] {
    return this.tell({
      kind: 'request',
      request: {
        id: 'r1',
        target,
        action,
        delayMs: 0,
        timeoutMs: 60_000,
        allowSelf: false,
        origin: 'n2',
        client: 'controller',
        ...more,
      },
    });
  }

  ok = (run: number, output = '', rc = 0) =>
    this.tell({ kind: 'finished', run, result: { status: 'done', rc, exitReason: '', output } });
  fail = (run: number, exitReason = 'unreachable') =>
    this.tell({ kind: 'finished', run, result: { status: 'done', rc: 1, exitReason, output: '' } });
  timeout = (run: number) =>
    this.tell({
      kind: 'finished',
      run,
      result: { status: 'timeout', rc: 1, exitReason: 'too slow', output: '' },
    });
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

describe('one device', () => {
  it('acts from a node other than the target', () => {
    const lab = new Lab('st1 fence_full pcmk_host_list=n1');
    expect(lab.fence('reboot', 'n1')).toEqual([
      'timer operation 1 72s',
      'run 1 on n2: st1 reboot n1 port=n1 (60s)',
    ]);
    expect(lab.ok(1)).toEqual(['done reboot n1 by n2 for r1']);
    expect(lab.fencer.isIdle).toBe(true);
  });

  it('acts first from where its monitor succeeds', () => {
    const lab = new Lab('st1 fence_full pcmk_host_list=n1');
    lab.tell({ kind: 'verified', device: 'st1', node: 'n3', verified: true });
    expect(lab.fence('off', 'n1').at(-1)).toBe('run 1 on n3: st1 off n1 port=n1 (60s)');
  });

  it('is tried twice on a node, then on the others, then given up', () => {
    const lab = new Lab('st1 fence_full pcmk_host_list=n1');
    lab.fence('off', 'n1');
    expect(lab.fail(1)).toEqual(['run 2 on n2: st1 off n1 port=n1 (60s)']);
    expect(lab.fail(2)).toEqual(['run 3 on n3: st1 off n1 port=n1 (60s)']);
    expect(lab.fail(3)).toEqual(['run 4 on n3: st1 off n1 port=n1 (60s)']);
    expect(lab.fail(4, 'no route')).toEqual(['FAILED off n1 by n3 for r1: no route']);
  });

  it('is not tried again after a timeout, and takes its own timeouts and retries', () => {
    const lab = new Lab('st1 fence_full pcmk_host_list=n1 pcmk_off_timeout=10s pcmk_off_retries=1');
    expect(lab.fence('off', 'n1').at(-1)).toBe('run 1 on n2: st1 off n1 port=n1 (10s)');
    expect(lab.timeout(1)).toEqual(['run 2 on n3: st1 off n1 port=n1 (10s)']);
    expect(lab.fail(2)).toEqual(['FAILED off n1 by n3 for r1: unreachable']);
  });

  it('goes on elsewhere when the node that runs it is lost', () => {
    const lab = new Lab('st1 fence_full pcmk_host_list=n1');
    lab.fence('off', 'n1');
    expect(lab.tell({ kind: 'members', members: ['n3'] })).toEqual(['run 2 on n3: st1 off n1 port=n1 (60s)']);
    expect(lab.ok(1)).toEqual([]);
    expect(lab.ok(2)).toEqual(['done off n1 by n3 for r1']);
  });

  it('that gets no answer is given up by its timer', () => {
    const lab = new Lab('st1 fence_full pcmk_host_list=n1');
    lab.fence('off', 'n1');
    expect(lab.tell({ kind: 'timer', timer: 'run 1' })).toEqual([
      'cancel 1 on n2',
      'run 2 on n3: st1 off n1 port=n1 (60s)',
    ]);
    expect(lab.tell({ kind: 'timer', timer: 'operation 1' })).toEqual([
      'cancel 2 on n3',
      'FAILED off n1 by n3 for r1: all nodes failed, or are unable, to fence n1',
    ]);
  });

  it('turns off where it cannot reboot', () => {
    const lab = new Lab('st1 fence_off pcmk_host_list=n1 pcmk_off_timeout=7');
    expect(lab.fence('reboot', 'n1').at(-1)).toBe('run 1 on n2: st1 off n1 port=n1 (7s)');
  });

  it('does not run on the target unless that is asked for', () => {
    const lab = new Lab('st1 fence_full pcmk_host_list=n1');
    lab.tell({ kind: 'members', members: ['n1'] });
    expect(lab.fence('off', 'n1')).toEqual([
      'timer operation 1 72s',
      'FAILED off n1 by null for r1: no node may run st1 against n1',
    ]);
    expect(lab.fence('off', 'n1', { allowSelf: true }).at(-1)).toBe('run 1 on n1: st1 off n1 port=n1 (60s)');
  });

  it('does not run where a location forbids it, nor when it is stopped', () => {
    const ban = '<rsc_location id="l" rsc="st1" node="n2" score="-INFINITY"/>';
    const lab = new Lab('st1 fence_full pcmk_host_list=n1', '', ban);
    expect(lab.fence('off', 'n1').at(-1)).toMatch(/^run 1 on n3/);
    expect(new Lab('st1 fence_full pcmk_host_list=n1 meta:target-role=Stopped').fence('off', 'n1')).toEqual([
      'FAILED off n1 by null for r1: no fence device can fence n1',
    ]);
  });
});

describe('who can be fenced', () => {
  it('is what the device lists, asked once a minute', () => {
    const lab = new Lab('st1 fence_full');
    expect(lab.fence('off', 'n1')).toEqual(['run 1 on n2: st1 list (20s)']);
    expect(lab.ok(1, 'n1,first\nn9,other\n')).toEqual([
      'timer operation 1 72s',
      'run 2 on n2: st1 off n1 port=n1 (60s)',
    ]);
    lab.ok(2);
    expect(lab.fence('off', 'n8')).toEqual(['FAILED off n8 by null for r1: no fence device can fence n8']);
    lab.nowMs += 60_000;
    expect(lab.fence('off', 'n1')).toEqual(['run 3 on n2: st1 list (20s)']);
  });

  it('is what the device knows the status of', () => {
    const lab = new Lab('st1 fence_status\nst2 fence_status');
    expect(lab.fence('off', 'n1')).toEqual([
      'run 1 on n2: st1 status n1 port=n1 (20s)',
      'run 2 on n2: st2 status n1 port=n1 (20s)',
    ]);
    expect(lab.fail(1)).toEqual([]);
    expect(lab.ok(2, '', 2).at(-1)).toBe('run 3 on n2: st2 off n1 port=n1 (60s)');
  });

  it('is everyone where nothing can be asked', () => {
    expect(new Lab('st1 fence_plain').fence('off', 'n1').at(-1)).toMatch(/^run 1 on n2: st1 off n1/);
    expect(new Lab('st1 fence_full pcmk_host_check=none').fence('off', 'n1').at(-1)).toMatch(/^run 1/);
  });

  it('may have another name at the device', () => {
    const lab = new Lab('st1 fence_full pcmk_host_map=n1:outlet-4;n2:5 pcmk_host_argument=plug');
    expect(lab.fence('off', 'n1').at(-1)).toBe('run 1 on n2: st1 off n1 plug=outlet-4 (60s)');
    expect(lab.fence('off', 'n4', { id: 'r2' })).toEqual([
      'FAILED off n4 by null for r2: no fence device can fence n4',
    ]);
  });
});

describe('delays', () => {
  it('are the base, a random part up to the maximum, and what the request adds at first', () => {
    const lab = new Lab('st1 fence_full pcmk_host_list=n1 pcmk_delay_base=2s pcmk_delay_max=6s');
    expect(lab.fence('reboot', 'n1', { delayMs: 10_000 })).toEqual([
      'timer operation 1 91.2s',
      'run 1 on n2: st1 reboot n1 port=n1 after 14000 (60s)',
    ]);
    expect(lab.fail(1)).toEqual(['run 2 on n2: st1 reboot n1 port=n1 (60s)']);
    expect(lab.fail(2)).toEqual(['run 3 on n3: st1 reboot n1 port=n1 after 4000 (60s)']);
  });

  it('are not for turning on, and not where the request forbids them', () => {
    const device = 'st1 fence_full pcmk_host_list=n1 pcmk_delay_base=2s';
    expect(new Lab(device).fence('on', 'n1').at(-1)).toMatch(/port=n1 \(60s\)$/);
    expect(new Lab(device).fence('off', 'n1', { delayMs: -1 }).at(-1)).toMatch(/port=n1 \(60s\)$/);
  });

  it('may differ between nodes', () => {
    const [device] = readDevices(cib('st1 fence_full pcmk_delay_base=n1:5s;n2:1min'), AGENTS);
    expect(['n1', 'n2', 'n3'].map((node) => deviceDelayMs(device!, 'off', node, 0))).toEqual([
      5000, 60_000, 0,
    ]);
  });
});

describe('several devices', () => {
  it('are alternatives by priority, without topology', () => {
    const lab = new Lab(`
      low fence_full pcmk_host_list=n1 pcmk_off_retries=1
      high fence_full pcmk_host_list=n1 priority=5 pcmk_off_retries=1
      other fence_full pcmk_host_list=n2`);
    expect(lab.fence('off', 'n1').at(-1)).toMatch(/on n2: high off/);
    expect(lab.fail(1)).toEqual(['run 2 on n3: high off n1 port=n1 (60s)']);
    expect(lab.fail(2)).toEqual(['run 3 on n2: low off n1 port=n1 (60s)']);
    expect(lab.ok(3)).toEqual(['done off n1 by n2 for r1']);
  });

  const LEVELS =
    '<fencing-level id="l1" target="n1" index="1" devices="ipmi"/><fencing-level id="l2" target="n1" index="2" devices="pdu1,pdu2"/>';
  const DEVICES = `
    ipmi fence_full pcmk_host_list=n1 pcmk_reboot_retries=1
    pdu1 fence_full pcmk_host_map=n1:1
    pdu2 fence_full pcmk_host_map=n1:2`;

  it('follow the levels; a level of several cycles the power', () => {
    const lab = new Lab(DEVICES, LEVELS);
    lab.tell({ kind: 'members', members: ['n2'] });
    expect(lab.fence('reboot', 'n1').at(-1)).toBe('run 1 on n2: ipmi reboot n1 port=n1 (60s)');
    expect(lab.fail(1)).toEqual(['run 2 on n2: pdu1 off n1 port=1 (60s)']);
    expect(lab.ok(2)).toEqual(['run 3 on n2: pdu2 off n1 port=2 (60s)']);
    expect(lab.ok(3)).toEqual(['run 4 on n2: pdu1 on n1 port=1 (60s)']);
    expect(lab.fail(4)).toEqual(['run 5 on n2: pdu2 on n1 port=2 (60s)']);
    expect(lab.ok(5)).toEqual(['done reboot n1 by n2 for r1']);
  });

  it('fail together when one of a level fails', () => {
    const lab = new Lab(DEVICES, LEVELS);
    lab.tell({ kind: 'members', members: ['n2'] });
    lab.fence('off', 'n1');
    lab.timeout(1);
    lab.ok(2);
    expect(lab.timeout(3)).toEqual(['FAILED off n1 by n2 for r1: too slow']);
  });

  it('skip a level of which a device is missing or cannot fence the node', () => {
    const levels =
      '<fencing-level id="l1" target="n1" index="1" devices="absent,pdu1"/><fencing-level id="l2" target="n1" index="2" devices="ipmi"/>';
    expect(new Lab(DEVICES, levels).fence('off', 'n1').at(-1)).toMatch(/: ipmi off/);
  });

  it('take their turns where a device does one thing at a time', () => {
    const lab = new Lab('st1 fence_full pcmk_host_check=none');
    expect(lab.fence('off', 'n1').at(-1)).toMatch(/^run 1/);
    expect(lab.fence('off', 'n2', { id: 'r2' })).toEqual(['timer operation 2 72s']);
    expect(lab.ok(1)).toEqual(['done off n1 by n2 for r1', 'run 2 on n1: st1 off n2 port=n2 (60s)']);
    const wide = new Lab('st1 fence_full pcmk_host_check=none pcmk_action_limit=-1');
    wide.fence('off', 'n1');
    expect(wide.fence('off', 'n2', { id: 'r2' }).at(-1)).toMatch(/^run 2/);
  });
});

describe('unfencing', () => {
  it('turns on with every device that demands it, on the node itself where the agent says so', () => {
    const lab = new Lab(`
      scsi1 fence_scsi pcmk_host_list=n1
      scsi2 fence_scsi pcmk_host_list=n1
      ipmi fence_full pcmk_host_list=n1`);
    expect(lab.fence('on', 'n1').at(-1)).toBe('run 1 on n1: scsi1 on n1 plug=n1 (60s)');
    expect(lab.ok(1)).toEqual(['run 2 on n1: scsi2 on n1 plug=n1 (60s)']);
    expect(lab.ok(2)).toEqual(['done on n1 by n1 for r1']);
  });

  it('is also demanded by provides=unfencing', () => {
    const lab = new Lab(
      'a fence_full pcmk_host_list=n1\nb fence_full pcmk_host_list=n1 meta:provides=unfencing',
    );
    expect(lab.fence('on', 'n1').at(-1)).toMatch(/: b on n1/);
  });
});

describe('other ways to be sure', () => {
  it('the watchdog of a node resets it when no device can', () => {
    const lab = new Lab('st1 fence_full pcmk_host_list=n2', '', '', 10_000);
    lab.tell({ kind: 'members', members: ['n2', 'n3'] });
    expect(lab.fence('reboot', 'n1')).toEqual(['timer operation 1 12s', 'timer watchdog 1 10s']);
    expect(lab.tell({ kind: 'timer', timer: 'watchdog 1' })).toEqual(['done reboot n1 by n1 for r1']);
  });

  it('the watchdog resets it when the devices fail', () => {
    const lab = new Lab('st1 fence_full pcmk_host_list=n1 pcmk_reboot_retries=1', '', '', 10_000);
    lab.tell({ kind: 'members', members: ['n2'] });
    expect(lab.fence('reboot', 'n1').at(-1)).toMatch(/^run 1 on n2: st1 reboot n1/);
    expect(lab.fail(1, 'no power')).toEqual(['timer watchdog 1 10s']);
    expect(lab.tell({ kind: 'timer', timer: 'watchdog 1' })).toEqual(['done reboot n1 by n1 for r1']);
  });

  it('a member is told to let its watchdog fire; one that is still there has not been fenced', () => {
    const lab = new Lab('watchdog fence_watchdog', '', '', 10_000);
    expect(lab.fence('off', 'n3')).toEqual([
      'timer operation 1 12s',
      'n3, reset yourself',
      'timer watchdog 1 10s',
    ]);
    expect(lab.tell({ kind: 'timer', timer: 'watchdog 1' })).toEqual([
      'FAILED off n3 by n3 for r1: n3 did not reset itself',
    ]);
    lab.fence('off', 'n3');
    lab.tell({ kind: 'members', members: ['n1', 'n2'] });
    expect(lab.tell({ kind: 'timer', timer: 'watchdog 2' })).toEqual(['done off n3 by n3 for r1']);
  });

  it('the watchdog device may be limited to some nodes, and stand in a level; it never turns on', () => {
    const lab = new Lab('watchdog fence_watchdog pcmk_host_list=n2', '', '', 10_000);
    expect(lab.fence('reboot', 'n1')).toEqual([
      'FAILED reboot n1 by null for r1: no fence device can fence n1',
    ]);
    expect(lab.fence('on', 'n2')).toEqual(['FAILED on n2 by null for r1: no fence device can fence n2']);
    const both = new Lab(
      'watchdog fence_watchdog pcmk_host_list=n1\nst1 fence_full pcmk_host_list=n1',
      '<fencing-level id="l1" target="n1" index="1" devices="watchdog,st1"/>',
      '',
      10_000,
    );
    both.tell({ kind: 'members', members: ['n2'] });
    expect(both.fence('off', 'n1').at(-1)).toBe('timer watchdog 1 10s');
    expect(both.tell({ kind: 'timer', timer: 'watchdog 1' })).toEqual([
      expect.stringMatching(/^run 1 on n2: st1 off n1/),
    ]);
  });

  it('without stonith-watchdog-timeout the watchdog device fences nobody', () => {
    const lab = new Lab('watchdog fence_watchdog');
    expect(lab.fence('reboot', 'n1')).toEqual([
      'FAILED reboot n1 by null for r1: no fence device can fence n1',
    ]);
  });

  it.each([
    ['true', '10s', 5000, 10_000],
    ['true', '-1', 5000, 10_000],
    ['true', '0', 5000, 0],
    ['false', '10s', 5000, 0],
    ['true', '-1', null, 0],
    ['true', '5s', 5000, 5000],
    ['true', '3s', 5000, 0],
    ['true', '3s', null, 3000],
  ])(
    'have-watchdog=%s stonith-watchdog-timeout=%s with a watchdog of %s ms: %s ms',
    (have, timeout, fireMs, expected) => {
      const document = parseXml(
        `<cib><configuration><crm_config><cluster_property_set id="a"><nvpair id="b" name="have-watchdog" value="${have}"/><nvpair id="c" name="stonith-watchdog-timeout" value="${timeout}"/></cluster_property_set></crm_config></configuration></cib>`,
      );
      const judged = watchdogTimeout(document, fireMs);
      expect(judged.ms).toBe(expected);
      expect(judged.objection).toBe(
        timeout === '3s' && fireMs !== null
          ? 'stonith-watchdog-timeout (3s) too short (must be >5000ms)'
          : null,
      );
    },
  );

  it('an administrator vouches for it, while a device tries or when nobody asked', () => {
    const lab = new Lab('st1 fence_full pcmk_host_list=n1');
    lab.fence('reboot', 'n1');
    expect(lab.tell({ kind: 'confirm', target: 'n1', origin: 'n3', client: 'stonith_admin' })).toEqual([
      'cancel 1 on n2',
      'done reboot n1 by a human for r1',
    ]);
    expect(lab.tell({ kind: 'confirm', target: 'n1', origin: 'n3', client: 'stonith_admin' })).toEqual([
      'done off n1 by a human for ',
    ]);
  });
});

describe('requests and history', () => {
  it('the same request twice is one operation with two who ask', () => {
    const lab = new Lab('st1 fence_full pcmk_host_list=n1');
    lab.fence('off', 'n1');
    expect(lab.fence('off', 'n1', { id: 'r2' })).toEqual([]);
    expect(lab.fencer.history()).toMatchObject([{ target: 'n1', state: 'pending', completedAtMs: null }]);
    expect(lab.ok(1)).toEqual(['done off n1 by n2 for r1,r2']);
  });

  it('is kept, merged and cleared', () => {
    const lab = new Lab('st1 fence_full pcmk_host_list=n1 pcmk_off_retries=1');
    lab.tell({ kind: 'members', members: ['n2'] });
    lab.fence('off', 'n1');
    lab.fail(1);
    lab.fence('off', 'n1');
    lab.ok(2);
    const history = lab.fencer.history();
    expect(history.map(({ state, reason }) => [state, reason])).toEqual([
      ['failed', 'unreachable'],
      ['success', null],
    ]);
    const merged = mergeHistories([history, history.slice(1)]);
    expect(merged.map(({ state }) => state)).toEqual(['success', 'failed']);
    lab.fencer.clearHistory('n2');
    expect(lab.fencer.history()).toHaveLength(2);
    lab.fencer.clearHistory();
    expect(lab.fencer.history()).toEqual([]);
  });
});

describe('parameters', () => {
  it.each([
    ['n1:1;n2:2,3', { n1: '1', n2: '2,3' }],
    ['n1=a n2:b\tn3:c', { n1: 'a', n2: 'b', n3: 'c' }],
    ['n1:my\\ outlet;n2:a\\;b', { n1: 'my outlet', n2: 'a;b' }],
    ['nonsense', {}],
    ['', {}],
  ])('host map %j', (text, expected) => {
    expect(Object.fromEntries(parseHostMap(text))).toEqual(expected);
  });

  it.each([
    ['n1,n2 n3;n4', ['n1', 'n2', 'n3', 'n4']],
    ['a,first\nb,second on\n', ['a', 'first', 'b', 'second']],
    ['unknown variable x\nn1', ['n1']],
    ['n1\\nn2', ['n1', 'n2']],
  ])('host list %j', (text, expected) => {
    expect(parseHostList(text)).toEqual(expected);
  });

  it('a node named in the configuration is not overruled, and the action may be called otherwise', () => {
    const [fixed, dynamic, none] = readDevices(
      cib(
        'a fence_full port=9 pcmk_off_action=kill\nb fence_full port=dynamic\nc fence_full pcmk_host_argument=none',
      ),
      AGENTS,
    );
    expect(agentCall(fixed!, 'off', 'n1')).toMatchObject({ action: 'kill', target: { node: 'n1' } });
    expect(agentCall(fixed!, 'off', 'n1').target).toEqual({ node: 'n1' });
    expect(agentCall(dynamic!, 'off', 'n1').target).toEqual({ node: 'n1', parameter: 'port', value: 'n1' });
    expect(agentCall(none!, 'off', 'n1').target).toEqual({ node: 'n1' });
  });

  it('traits come from the meta-data', () => {
    const read = readTraits(
      parseXml(
        '<resource-agent><parameters><parameter name="plug"/></parameters><actions><action name="on" on_target="1" automatic="1"/><action name="off"/></actions></resource-agent>',
      ),
    );
    expect(read).toEqual({
      actions: new Set(['on', 'off']),
      onTarget: new Set(['on']),
      unfences: true,
      hostArgument: 'plug',
    });
  });

  it('levels by name count more than by pattern, those more than by attribute', () => {
    const levels = readTopology(
      cib(
        'st1 fence_full',
        `<fencing-level id="a" target-attribute="rack" target-value="7" index="1" devices="x"/>
         <fencing-level id="p" target-pattern="^n[12]$" index="2" devices="y"/>
         <fencing-level id="n2" target="n2" index="2" devices="z"/>
         <fencing-level id="n1" target="n2" index="1" devices="y, z"/>
         <fencing-level id="bad" target="n2" index="12" devices="y"/>`,
      ),
    );
    const ids = (target: string, attributes = {}) =>
      levelsFor(levels, target, attributes).map(({ id }) => id);
    expect(ids('n2')).toEqual(['n1', 'n2']);
    expect(ids('n1', { rack: '7' })).toEqual(['p']);
    expect(ids('n3', { rack: '7' })).toEqual(['a']);
    expect(ids('n3')).toEqual([]);
  });
});
