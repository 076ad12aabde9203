import { beforeEach, describe, expect, it, vi } from "vitest";
import { copyOnClick } from "../src/behaviours/copy";
import { guardForms } from "../src/behaviours/guard";
import { listenForKeys } from "../src/behaviours/keys";
import { unfoldForPrint } from "../src/behaviours/print";
import { applyFilter } from "../src/behaviours/tables";
import { isDark, toggleTheme } from "../src/behaviours/theme";

listenForKeys(document);
copyOnClick(document);
toggleTheme(document);

const press = (key: string, on: Element = document.body): void =>
  void on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));

beforeEach(() => {
  document.body.innerHTML = "";
  localStorage.clear();
});

describe("keys", () => {
  it("/ goes to the search of the page, not to that of the bar", () => {
    document.body.innerHTML = '<input data-search id="bar"><main><input data-search id="own" type="search"></main>';
    press("/");
    expect(document.activeElement?.id).toBe("own");
  });

  it("stay letters while somebody types", () => {
    document.body.innerHTML = '<textarea id="text"></textarea><input data-search id="own">';
    const text = document.getElementById("text")!;
    text.focus();
    press("/", text);
    expect(document.activeElement?.id).toBe("text");
  });

  it("arrows walk through results and e opens the editor", () => {
    const edited = vi.fn((event: Event) => event.preventDefault());
    document.body.innerHTML =
      '<main><a data-nav id="one" href="#">1</a><a data-nav id="two" href="#">2</a><a data-key="e" href="#e">Edit</a></main>';
    document.querySelector("[data-key]")!.addEventListener("click", edited);
    document.getElementById("one")!.focus();
    press("ArrowDown", document.getElementById("one")!);
    expect(document.activeElement?.id).toBe("two");
    press("e");
    expect(edited).toHaveBeenCalledOnce();
  });
});

describe("a table filter", () => {
  it("hides rows that lack a word and says when nothing is left", () => {
    document.body.innerHTML = `<span data-count-of="t"></span><table id="t">
      <tr data-text="customer_id integer" id="a"></tr><tr data-detail id="ad"></tr>
      <tr data-text="note string" id="b"></tr><tr data-none hidden></tr></table>`;
    const table = document.getElementById("t")!;
    expect(applyFilter(table, "INT cust")).toBe(1);
    expect(document.getElementById("b")!.hidden).toBe(true);
    expect(applyFilter(table, "zzz")).toBe(0);
    expect(document.querySelector<HTMLElement>("[data-none]")!.hidden).toBe(false);
    expect(document.getElementById("ad")!.hidden).toBe(true);
    expect(document.querySelector("[data-count-of]")!.textContent).toBe("0");
  });
});

describe("a guarded form", () => {
  const html = `<form data-guard="edit:1"><div data-draft-note hidden><button type="button" data-draft-take></button></div>
    <textarea name="description">old</textarea><input type="password" name="secret"></form>`;

  it("keeps what was typed, never a password, and offers it after a reload", () => {
    document.body.innerHTML = html;
    guardForms(document);
    const field = document.querySelector("textarea")!;
    field.value = "new";
    document.querySelector<HTMLInputElement>("input[type=password]")!.value = "hush";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    expect(localStorage.getItem("gazetteer:draft:edit:1")).toBe('{"description":"new"}');
    document.body.innerHTML = html;
    guardForms(document);
    const note = document.querySelector<HTMLElement>("[data-draft-note]")!;
    expect(note.hidden).toBe(false);
    note.querySelector<HTMLElement>("[data-draft-take]")!.click();
    expect(document.querySelector("textarea")!.value).toBe("new");
  });

  it("forgets it once it was sent", () => {
    document.body.innerHTML = html;
    guardForms(document);
    const field = document.querySelector("textarea")!;
    field.value = "new";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    document.querySelector("form")!.dispatchEvent(new Event("submit"));
    expect(localStorage.length).toBe(0);
  });
});

describe("the theme", () => {
  it("switches at once and is remembered for the server", () => {
    document.documentElement.dataset.theme = "light";
    document.body.innerHTML = "<form data-theme-form><button></button></form>";
    document.querySelector("form")!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    expect(isDark(document)).toBe(true);
    expect(document.cookie).toContain("theme=dark");
  });
});

describe("printing", () => {
  it("unfolds what is folded, but no menu, and folds it again", () => {
    document.body.innerHTML =
      '<main><details id="a"></details><details id="b" open></details><details id="c" class="menu"></details></main>';
    unfoldForPrint(document);
    window.dispatchEvent(new Event("beforeprint"));
    const open = (): string =>
      [...document.querySelectorAll<HTMLDetailsElement>("details[open]")].map((one) => one.id).join("");
    expect(open()).toBe("ab");
    window.dispatchEvent(new Event("afterprint"));
    expect(open()).toBe("b");
  });
});
