// Signs in once for all tests: each starts with the cookie of that session.

import { request, type FullConfig } from "@playwright/test";
import { account, signedIn } from "./account";

async function signInOnce(config: FullConfig): Promise<void> {
  const baseURL = config.projects[0]?.use.baseURL ?? "";
  const context = await request.newContext({ baseURL });
  const answer = await context.post("/api/v1/sign-in", { data: account });
  if (!answer.ok()) throw new Error(`no sign-in: ${answer.status()}`);
  await context.storageState({ path: signedIn });
  await context.dispose();
}

// Playwright asks for a default export here.
export { signInOnce as default };
