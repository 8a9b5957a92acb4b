/** What this process uses, measured where it is used. */

/** CPU time of all threads, user and system. */
export const cpuUs = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Commands that every serving process answers. */
export const resources = {
  cpuUs,
  rssKiB: (): number => process.memoryUsage().rss / 1024,
};
