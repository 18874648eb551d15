/**
 * The import rules between the rooms (ARCHITECTURE.md, "The rooms").
 * A room may import itself and the rooms listed for it; everything else is an error.
 */
const rooms = {
  'src/cib': [],
  'src/command-line': [],
  'src/status': ['src/cib'],
  'src/scheduler': ['src/cib', 'src/status'],
  'src/language': ['grammar', 'src/cib'],
  'src/membership': [],
  'src/controller': [
    'src/cib',
    'src/status',
    'src/scheduler',
    'src/membership',
    'src/executor/types',
    'src/protocol',
  ],
  'src/protocol': ['src/cib'],
  'src/executor': ['src/cib', 'src/protocol'],
  'src/fencing': ['src/cib', 'src/executor/types', 'src/protocol'],
  'src/ssh': [],
  'src/connection': ['src/cib', 'src/ssh', 'src/protocol'],
  'src/agent': [
    'grammar',
    'src/cib',
    'src/status',
    'src/scheduler',
    'src/membership',
    'src/controller',
    'src/executor',
    'src/fencing',
    'src/protocol',
  ],
  'src/bootstrap': ['grammar', 'src/connection', 'src/ssh', 'src/cib', 'src/protocol'],
  'src/monitor': [
    'src/cib',
    'src/status',
    'src/scheduler',
    'src/connection',
    'src/protocol',
    'src/command-line',
  ],
  'src/shell': [
    'grammar',
    'src/cib',
    'src/status',
    'src/scheduler',
    'src/language',
    'src/protocol',
    'src/connection',
    'src/ssh',
    'src/bootstrap',
    'src/monitor',
    'src/simulation',
    'src/executor/types',
    'src/command-line',
  ],
  'src/simulation': ['src/cib', 'src/status', 'src/scheduler', 'src/monitor'],
  'src/cluster-tools': [
    'src/cib',
    'src/status',
    'src/scheduler',
    'src/simulation',
    'src/protocol',
    'src/connection',
    'src/executor',
    'src/fencing',
    'src/monitor',
    'src/command-line',
  ],
  'src/pcs': [
    'grammar',
    'src/cib',
    'src/status',
    'src/scheduler',
    'src/simulation',
    'src/language',
    'src/protocol',
    'src/connection',
    'src/ssh',
    'src/bootstrap',
    'src/monitor',
    'src/command-line',
    'src/cluster-tools',
    'src/shell/agents',
    'src/shell/secret-prompt',
    'src/shell/unified-diff',
  ],
  'src/tools': ['src', 'grammar'],
  'src/demo': ['src/connection', 'src/protocol'],
};

/** Rooms without I/O, clock or chance: no node:* module, no package but the grammar's and the XML reader's. */
const pure = [
  'grammar',
  'src/cib',
  'src/status',
  'src/scheduler',
  'src/language',
  'src/membership',
  'src/controller',
];

const forbidden = Object.entries(rooms).map(([room, allowed]) => ({
  name: `room ${room}`,
  severity: 'error',
  from: { path: `^${room}/` },
  to: {
    path: '^(src|grammar)/',
    pathNot: [`^${room}/`, ...allowed.map((other) => `^${other}(/|\\.ts$)`)],
  },
}));

module.exports = {
  forbidden: [
    ...forbidden,
    {
      name: 'grammar imports nothing of ours',
      severity: 'error',
      from: { path: '^grammar/' },
      to: { path: '^src/' },
    },
    {
      name: 'pure rooms do no I/O',
      severity: 'error',
      from: { path: `^(${pure.join('|')})/` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } },
    },
    { name: 'no unknown modules', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.js'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
