import { describe, expect, it } from 'vitest';
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
  it('the change that does not win is kept aside, also where its node has lost its power right after it', () => {
    const life: ClusterLife = { ...CALM_LIFE, nodes: 2, quorum: { twoNode: true } };
    const cluster = new Cluster(life, true, ['services']);
    cluster.startAll();
    cluster.run(3000);
    cluster.network.cut(1, 2, 0);
    cluster.network.cut(2, 1, 0);
    cluster.run(2000);
    for (const node of [1, 2, 1]) cluster.write(node);
    cluster.run(50);
    expect(cluster.lines.filter((line) => line.includes('acknowledged'))).toHaveLength(3);
    cluster.crash(2);
    cluster.network.mendAll();
    cluster.start(2);
    cluster.run(5000);
    expect(cluster.lines.filter((line) => line.includes('was set aside'))).toHaveLength(1);
    cluster.checkSettled();
  });
});
