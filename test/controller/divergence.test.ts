import { beforeEach, describe, expect, it } from 'vitest';
import { Cluster } from '../simulator/cluster.js';
import { type ClusterLife, drawClusterLife } from '../simulator/cluster-life.js';
import { CALM_AGENTS } from '../simulator/executor.js';
import { CALM } from '../simulator/network.js';

const CALM_LIFE: ClusterLife = {
  ...drawClusterLife(1),
  nodes: 3,
  links: 1,
  tokenMs: 1000,
  services: { primitives: 1, order: false, group: false, promotable: false },
  planner: 'simple',
  fencing: false,
  arbiter: false,
  quorum: {},
  network: CALM,
  agents: CALM_AGENTS,
  slowestDiskMs: 4,
  crashOnWrite: 0,
  pauseOnOrder: 0,
  pauseOnLoss: 0,
  drift: 0,
  steps: [],
};

describe('a member whose configuration is not what the DC has at that version', () => {
  it("gets the DC's, is told of, and does not count as having confirmed", () => {
    const cluster = new Cluster(CALM_LIFE, true, ['documents']);
    cluster.startAll();
    cluster.run(3000);
    const controllers = cluster.ids.map((id) => cluster.node(id)!.controller);
    const member = controllers.find((controller) => !controller.isDc)!;
    // A bug, or a bit that has flipped.
    member.cib.at('configuration', 'resources')!.elements()[0]!.set('type', 'Dumbo');
    cluster.write(1);
    cluster.run(1000);
    expect(cluster.lines.filter((line) => line.includes("is not the DC's: it is replaced"))).not.toEqual([]);
    expect(cluster.lines.filter((line) => line.includes('write-1 acknowledged'))).toHaveLength(1);
    expect(new Set(controllers.map((controller) => controller.text())).size).toBe(1);
    expect(member.text()).toContain('type="Dummy"');
    cluster.checkSettled();
  });
});

describe('two nodes that have both changed the configuration without the other', () => {
  const life: ClusterLife = { ...CALM_LIFE, nodes: 2, quorum: { twoNode: true } };
  let cluster: Cluster;
  const linesWith = (words: string) => cluster.lines.filter((line) => line.includes(words));

  beforeEach(() => {
    cluster = new Cluster(life, true, ['services']);
    cluster.startAll();
    cluster.run(3000);
    cluster.network.cut(1, 2, 0);
    cluster.network.cut(2, 1, 0);
  });

  it.each([
    { what: 'when they were apart already', noticedMs: 2000 },
    { what: 'before it was noticed that they are apart', noticedMs: 10 },
  ])('the change of one that has lost its power is kept aside, made $what', ({ noticedMs }) => {
    cluster.run(noticedMs);
    cluster.write(1);
    cluster.run(3000);
    for (const _ of [1, 2]) cluster.write(2);
    cluster.run(50);
    expect(linesWith('acknowledged')).toHaveLength(3);
    cluster.crash(1);
    cluster.network.mendAll();
    cluster.start(1);
    cluster.run(5000);
    expect(linesWith('was set aside')).toHaveLength(1);
    cluster.checkSettled();
  });
});
