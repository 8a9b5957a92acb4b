// Needs no toolchain but the Node that runs it, and the packages of this repository.
export async function build() {}

export const command = () => [process.execPath, "e2e/clients/programs/node/client.ts"];
