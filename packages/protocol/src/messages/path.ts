/** Paths of the calls, below the origin of the server address. */
export const mcpPath = {
  authority: '/mcp/v1/authority',
  challenges: '/mcp/v1/challenges',
  registrations: '/mcp/v1/registrations',
  handshakes: '/mcp/v1/handshakes',
  transports: '/mcp/v1/transports',
  heartbeats: '/mcp/v1/heartbeats',
  commandClaims: '/mcp/v1/commands/claims',
  commandReports: '/mcp/v1/commands/reports',
  inventory: '/mcp/v1/inventory',
  logs: '/mcp/v1/logs',
  componentStates: '/mcp/v1/component-states',
  /** Below it lie the files of the repository of components, as signed metadata name them. */
  components: '/mcp/v1/components',
  notifications: '/mcp/v1/notifications',
} as const;

/** Media type of a datagram as an HTTP body. */
export const datagramMediaType = 'application/octet-stream';
