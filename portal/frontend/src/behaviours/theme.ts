/** Switch between light and dark at once; the server reads the choice from the cookie, so no page flashes. */
export function toggleTheme(root: Document): void {
  root.addEventListener("submit", (event) => {
    const form = (event.target as Element).closest("form[data-theme-form]");
    if (!form) return;
    event.preventDefault();
    remember(root, isDark(root) ? "light" : "dark");
  });
}

export function isDark(root: Document): boolean {
  const chosen = root.documentElement.dataset.theme;
  if (chosen === "dark" || chosen === "light") return chosen === "dark";
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
}

function remember(root: Document, theme: "light" | "dark"): void {
  root.documentElement.dataset.theme = theme;
  root.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
}
