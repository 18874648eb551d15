export {
  type AgentAction,
  type AgentMetadata,
  type AgentParameter,
  parseMetadata,
} from '../../language/agent-metadata.js';
