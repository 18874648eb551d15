export {
  type AgentAction,
  type AgentMetadata,
  type AgentParameter,
  formatMetadata,
  parseMetadata,
} from '../../language/agent-metadata.js';
