/** Version of the agent, as it reports itself. The same as in package.json; a test holds both together. */
export const agentVersion = '0.1.0';
