// Who gets in, and the first page.

import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { cell, code, display, edit, fileOf, loaded, logIn, markdown, notebook, stage } from "./harness";

const s = stage({ "hello.ipynb": notebook([markdown("# Hello")]), "data/numbers.csv": "a,b\n1,2\n" });

test("the token opens the page, and is gone from the address", async () => {
  const page = await s.open("/");
  await page.getByRole("link", { name: "hello.ipynb" }).waitFor();
  expect(page.url()).toBe(s.server.url + "/");
  const cookies = await page.context().cookies();
  expect(cookies).toHaveLength(1);
  expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: "Strict" });
  expect(cookies[0]!.value).not.toContain(s.server.token);
  expect(await page.evaluate(() => document.cookie)).toBe("");
});

test("without the token there is a form, which takes the token and goes on to what was asked for", async () => {
  const page = await (await s.context()).newPage();
  await page.goto(s.server.url + "/notebooks/hello.ipynb?token=a-wrong-token-of-some-length");
  await page.waitForURL(/\/login\?next=/);
  expect(page.url()).not.toContain("wrong");
  await page.getByLabel("Token").fill("not the token");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Token").fill(s.server.token);
  await page.getByRole("button", { name: "Log in" }).click();
  await loaded(page);
  expect(new URL(page.url()).pathname).toBe("/notebooks/hello.ipynb");
});

test("without a login nothing but the form is answered", async () => {
  const request = (await s.context()).request;
  for (const at of ["/api/contents", "/api/sessions", "/api/fanout/config", "/api/fanout/room?path=hello.ipynb"]) {
    expect((await request.get(s.server.url + at, { maxRedirects: 0 })).status(), at).toBe(403);
  }
  for (const at of ["/", "/notebooks/hello.ipynb", "/files/hello.ipynb"]) {
    expect((await request.get(s.server.url + at, { maxRedirects: 0 })).status(), at).toBe(302);
  }
});

test("after a restart of the server the page asks for a new login, and keeps what was written", async () => {
  const page = await s.notebook([code("x := 1")]);
  await s.server.restart();
  const banner = page.getByRole("alert").filter({ hasText: "wants you to log in" });
  await banner.waitFor();
  await edit(page, 1);
  await page.keyboard.type("\n// written meanwhile");
  const [tab] = await Promise.all([page.context().waitForEvent("page"), banner.getByRole("button", { name: "Log in" }).click()]);
  await tab.getByLabel("Token").fill(s.server.token);
  await tab.getByRole("button", { name: "Log in" }).click();
  await tab.waitForURL(s.server.url + "/");
  await banner.waitFor({ state: "detached" });
  await expect.poll(() => sourceInFile(fileOf(s, page))).toContain("// written meanwhile");
});

const sourceInFile = (file: string) => [(JSON.parse(fs.readFileSync(file, "utf8")) as { cells: { source: string | string[] }[] }).cells[0]!.source].flat().join("");

test("a new notebook opens, ready to write", async () => {
  const page = await s.open("/");
  await page.getByRole("button", { name: "New notebook" }).first().click();
  await page.waitForURL(/\/notebooks\/Untitled/);
  await loaded(page);
});

test("a tutorial opens as a copy in the folder", async () => {
  const page = await s.open("/");
  await page.locator(".tutorial").first().click();
  await page.waitForURL(/\/notebooks\/01-pool/);
  await cell(page, 2).waitFor();
  expect(fs.existsSync(fileOf(s, page))).toBe(true);
});

test("files are uploaded, renamed, duplicated, downloaded and deleted", async () => {
  const page = await s.open("/");
  const row = (name: string) => page.locator(".file-row").filter({ has: page.getByText(name, { exact: true }) });
  const act = async (name: string, what: string) => {
    await row(name).getByRole("button", { name: `Actions for ${name}` }).click();
    await page.getByRole("menuitem", { name: what }).click();
  };
  const bytes = Buffer.from([0, 1, 2, 250, 255, 10, 13]);
  await page.getByLabel("Files to upload").setInputFiles({ name: "up load.bin", mimeType: "application/octet-stream", buffer: bytes });
  await row("up load.bin").waitFor();
  expect(fs.readFileSync(path.join(s.server.root, "up load.bin"))).toEqual(bytes);

  await act("up load.bin", "Rename");
  const dialog = page.getByRole("dialog", { name: "Rename" });
  await dialog.getByLabel("New path").fill("data/renamed.bin");
  await dialog.getByRole("button", { name: "Rename" }).click();
  await row("up load.bin").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "data", exact: true }).click();
  await row("renamed.bin").waitFor();

  const [download] = await Promise.all([page.waitForEvent("download"), act("renamed.bin", "Download")]);
  expect(download.suggestedFilename()).toBe("renamed.bin");
  expect(fs.readFileSync((await download.path())!)).toEqual(bytes);

  await act("numbers.csv", "Duplicate");
  await expect.poll(() => page.locator(".file-row").count()).toBe(3);

  await act("renamed.bin", "Delete");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await row("renamed.bin").waitFor({ state: "detached" });
  expect(fs.existsSync(path.join(s.server.root, "data/renamed.bin"))).toBe(false);

  await page.getByRole("navigation", { name: "Folder" }).getByRole("button").first().click();
  await row("hello.ipynb").waitFor();
});

test("a file that is here already is replaced only when the user says so", async () => {
  const page = await s.open("/?folder=data");
  const at = path.join(s.server.root, "data/numbers.csv");
  const before = fs.readFileSync(at);
  await page.getByText("numbers.csv", { exact: true }).waitFor();
  const put = () => page.getByLabel("Files to upload").setInputFiles({ name: "numbers.csv", mimeType: "text/csv", buffer: Buffer.from("other\n") });
  await put();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(fs.readFileSync(at)).toEqual(before);
  await put();
  await page.getByRole("dialog").getByRole("button", { name: "Replace" }).click();
  await expect.poll(() => fs.readFileSync(at, "utf8")).toBe("other\n");
});

test("a file whose name is taken is kept beside, put in its place, or left; several files are told of once", async () => {
  const page = await s.open("/");
  const file = (name: string, text: string) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
  const read = (name: string) => fs.readFileSync(path.join(s.server.root, name), "utf8");
  const put = (...files: ReturnType<typeof file>[]) => page.getByLabel("Files to upload").setInputFiles(files);
  const answer = (name: string) => page.getByRole("dialog", { name: "taken.txt is here already" }).getByRole("button", { name, exact: true }).click();
  await put(file("taken.txt", "first"), file("other.txt", "other"));
  await page.locator(".toast", { hasText: "2 files are here" }).waitFor();
  expect(await page.locator(".toast").count()).toBe(1);
  await page.locator(".file-row", { hasText: "taken.txt" }).waitFor();

  await put(file("taken.txt", "second"));
  await answer("Keep both");
  await page.locator(".file-row", { hasText: "taken-1.txt" }).waitFor();
  expect([read("taken.txt"), read("taken-1.txt")]).toEqual(["first", "second"]);
  await put(file("taken.txt", "third"));
  await answer("Cancel");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(read("taken.txt")).toBe("first");
  await put(file("taken.txt", "fourth"));
  await answer("Replace");
  await expect.poll(() => read("taken.txt")).toBe("fourth");
});

test("the notebook can be renamed and downloaded from its own page", async () => {
  const page = await s.notebook([code("1 + 1")]);
  await page.getByTitle("Rename", { exact: true }).click();
  const field = page.getByLabel("Path of the notebook");
  await field.fill("data/by another name");
  await field.press("Enter");
  await page.waitForURL(/\/notebooks\/data\/by%20another%20name\.ipynb$/);
  expect(fs.existsSync(fileOf(s, page))).toBe(true);
  await page.getByRole("button", { name: "Notebook menu" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "Download (.ipynb)" }).click()]);
  expect(download.suggestedFilename()).toBe("by another name.ipynb");
  expect(sourceInFile((await download.path())!)).toBe("1 + 1");
});

test("a notebook that is moved has the pictures and the files of its new folder", async () => {
  const page = await s.notebook([markdown("![dot](dot.svg)"), code("x", [display({ "text/markdown": "![dot](dot.svg)" })])]);
  await page.getByRole("button", { name: "Files", exact: true }).click();
  await page.locator(".side-files").getByText("hello.ipynb").waitFor();
  const pictures = () => page.locator("img[alt=dot]").evaluateAll((list) => list.map((img) => new URL((img as HTMLImageElement).src).pathname));
  await expect.poll(pictures).toEqual(["/files/dot.svg", "/files/dot.svg"]);
  await page.getByTitle("Rename", { exact: true }).click();
  const field = page.getByLabel("Path of the notebook");
  await field.fill("data/moved");
  await field.press("Enter");
  await page.locator(".side-files").getByText("numbers.csv").waitFor();
  await page.locator(".side-files [aria-current]", { hasText: "moved.ipynb" }).waitFor();
  await expect.poll(pictures).toEqual(["/files/data/dot.svg", "/files/data/dot.svg"]);
});

test("a notebook that is not there says so", async () => {
  const page = await s.open("/notebooks/nowhere.ipynb");
  await page.getByRole("alert").waitFor();
  expect(await page.locator(".cell").count()).toBe(0);
  await logIn(page, s.server); // and the way back works
  await page.getByRole("link", { name: "hello.ipynb" }).waitFor();
});
