/** Other files have no help: they are text. */
export const isPython = (name: string): boolean => name.endsWith(".py");
