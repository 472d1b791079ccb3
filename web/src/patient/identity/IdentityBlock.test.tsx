// @vitest-environment jsdom
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { answerWith, show } from "../../test_page";
import { IdentityBlock } from "./IdentityBlock";

const session = { release: {}, user: {}, identity: true };
const identity = {
  person_id: "42",
  birth_name: "ZQXDUMAS",
  used_name: "ZQXAMRANI",
  first_names: "Zqxgeorgette",
  birth_date: "1947-09-18",
  birth_place: null,
  identifiers: [{ kind: "ipp", authority: "990000001", value: "8659248671" }],
};

async function look(answer: unknown) {
  const fetched = answerWith({ "/api/v1/session": session, "/api/v1/patients/42/": answer });
  const shown = show(<IdentityBlock id="42" />);
  await userEvent.click(await screen.findByRole("button", { name: "Afficher l’identité…" }));
  await userEvent.selectOptions(screen.getByLabelText("Motif"), "Identitovigilance");
  await userEvent.click(screen.getByRole("button", { name: "Afficher" }));
  return { fetched, ...shown };
}

test("a server that shows no identities has no button for it", async () => {
  const fetched = answerWith({ "/api/v1/session": { ...session, identity: false } });
  show(<IdentityBlock id="42" />);
  await waitFor(() => expect(fetched).toHaveBeenCalled());
  expect(screen.queryByRole("button")).toBeNull();
});

test("the reason travels in the body, and the names come to the screen alone", async () => {
  const { fetched, client } = await look(identity);
  expect(await screen.findByText("ZQXAMRANI Zqxgeorgette")).toBeDefined();
  expect(screen.getByText("ZQXDUMAS")).toBeDefined();
  expect(screen.getByText("18/09/1947")).toBeDefined();
  expect(screen.getByText("8659248671 (990000001)")).toBeDefined();
  const [path, request] = fetched.mock.calls.at(-1) as [string, RequestInit];
  expect(path).toBe("/api/v1/patients/42/identity");
  expect(JSON.parse(String(request.body))).toEqual({ reason: "identity-check" });
  const queries = client.getQueryCache().getAll();
  expect(JSON.stringify(queries.map(({ state }) => state.data))).not.toContain("ZQX");
  expect(JSON.stringify({ ...localStorage }) + location.href).not.toContain("ZQX");
  await userEvent.click(screen.getByRole("button", { name: "Masquer l’identité" }));
  expect(screen.queryByText(/ZQX/)).toBeNull();
});

test("nothing of it is kept once the page is left", async () => {
  const { client, unmount } = await look(identity);
  await screen.findByText("ZQXDUMAS");
  unmount();
  await waitFor(() => expect(client.getMutationCache().getAll()).toHaveLength(0));
});

test("the identity of another person is refused", async () => {
  await look({ ...identity, person_id: "43" });
  expect((await screen.findByRole("alert")).textContent).toContain("incomplète");
  expect(screen.queryByText(/ZQX/)).toBeNull();
});
