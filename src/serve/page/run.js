export async function showRun() {}
