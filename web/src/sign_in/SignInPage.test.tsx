// @vitest-environment jsdom
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { answerWith, show } from "../test_page";
import { ProofForm } from "./ProofForm";
import { SignInPage } from "./SignInPage";

const ways = { warehouse: "CHU", synthetic: false, password: true, provider: { name: "CHU Zqx" } };
const away = "https://sign-in.hospital.example/auth?state=1";

/** jsdom goes nowhere: where the page wanted to. */
function departures() {
  const assign = vi.fn();
  vi.stubGlobal("location", {
    get pathname() {
      return "/patients";
    },
    search: "",
    assign,
  });
  return assign;
}

test("without a provider there is a password alone", async () => {
  answerWith({ "/api/v1/sign-in": { ...ways, provider: null } });
  show(<SignInPage />);
  expect(await screen.findByLabelText("Mot de passe")).toBeDefined();
  expect(screen.queryByRole("button", { name: /avec/ })).toBeNull();
});

test("where no password opens a session none is asked for", async () => {
  answerWith({ "/api/v1/sign-in": { ...ways, password: false } });
  show(<SignInPage />);
  expect(await screen.findByRole("button", { name: "Se connecter avec CHU Zqx" })).toBeDefined();
  expect(screen.queryByLabelText("Mot de passe")).toBeNull();
});

test("the browser leaves for the provider, and says where it wants to come back", async () => {
  const fetched = answerWith({
    "/api/v1/sign-in/provider": { address: away },
    "/api/v1/sign-in": ways,
  });
  show(<SignInPage />, "/patients");
  const button = await screen.findByRole("button", { name: "Se connecter avec CHU Zqx" });
  const assign = departures();
  await userEvent.click(button);
  await waitFor(() => expect(assign).toHaveBeenCalledWith(away));
  const [path, request] = fetched.mock.calls.at(-1) as [string, RequestInit];
  expect(path).toBe("/api/v1/sign-in/provider");
  expect(JSON.parse(String(request.body))).toEqual({ page: "/patients" });
});

test("a way back without a session is explained, and words of others are not shown", async () => {
  answerWith({ "/api/v1/sign-in": ways });
  show(<SignInPage />, "/?sign-in=no-account");
  expect((await screen.findByRole("alert")).textContent).toContain("aucun compte");
});

test("an unknown way back says nothing", async () => {
  answerWith({ "/api/v1/sign-in": ways });
  show(<SignInPage />, "/?sign-in=zqx");
  await screen.findByLabelText("Mot de passe");
  expect(screen.queryByRole("alert")).toBeNull();
});

test("who came from the provider proves there to be there still", async () => {
  const session = { method: "provider" };
  const me = { user: { name: "anne" }, session, accesses: [], decisions: [] };
  const fetched = answerWith({ "/api/v1/me": me, "/api/v1/step-up/provider": { address: away } });
  show(<ProofForm onProved={vi.fn()} onCancel={vi.fn()} />, "/patients/42");
  expect(await screen.findByText(/récente/)).toBeDefined();
  expect(screen.queryByLabelText(/toujours vous/)).toBeNull();
  const assign = departures();
  await userEvent.click(screen.getByRole("button", { name: "Confirmer" }));
  await waitFor(() => expect(assign).toHaveBeenCalledWith(away));
  expect(fetched.mock.calls.at(-1)?.[0]).toBe("/api/v1/step-up/provider");
});
