import { expect, test } from "vitest";
import { ApiError, checkShape } from "../api/client";
import { wordsOfError } from "./error_words";

test("each family of failures has its words", () => {
  const whatOf = (code: string, status: number) =>
    wordsOfError(new ApiError(code, "", status, "/api")).what;
  expect(whatOf("network", 0)).toBe("error.network");
  expect(whatOf("not-found", 404)).toBe("error.notFound");
  expect(whatOf("denied", 403)).toBe("error.forbidden");
  expect(whatOf("malformed", 400)).toBe("error.badRequest");
  expect(whatOf("internal", 500)).toBe("error.server");
  expect(wordsOfError(new TypeError("x")).what).toBe("error.crash");
});

test("an answer without its fields is refused, and says which", () => {
  expect(() => checkShape({ visits: [] }, ["visits", "notes"], ["person"], "/api")).toThrowError(
    "notes, person",
  );
  expect(() => checkShape(null, [], [], "/api")).toThrowError(ApiError);
});
