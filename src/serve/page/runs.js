export async function showRuns() {}
