import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import { moving } from "../state";
import { chosenKind, chosenPost, Facts, sheetsOf } from "./Orders";
import { SheetTables } from "./SheetView";

type What = "gates" | "sheet";

/** What goes on paper: the summary with every gate's tables, or one post's sheet. */
const what = signal<What>("gates");
const printing = signal(false);

export function printPage(chosen: What): void {
  what.value = chosen;
  document.body.dataset["print"] = chosen;
  printing.value = true;
  // The sheets are drawn before the browser takes the page.
  requestAnimationFrame(() => requestAnimationFrame(() => print()));
}

export function PrintSheets() {
  useEffect(() => {
    document.body.dataset["print"] ??= "gates";
    const before = () => (printing.value = true);
    const after = () => {
      printing.value = false;
      what.value = "gates";
      document.body.dataset["print"] = "gates";
    };
    const media = matchMedia("print");
    const change = () => media.matches && before();
    addEventListener("beforeprint", before);
    addEventListener("afterprint", after);
    media.addEventListener("change", change);
    return () => {
      removeEventListener("beforeprint", before);
      removeEventListener("afterprint", after);
      media.removeEventListener("change", change);
    };
  }, []);
  if (!printing.value || moving.value === null) return null;
  const all = what.value === "gates" ? sheetsOf("gate") : sheetsOf(chosenKind.value).slice(chosenPost.value, chosenPost.value + 1);
  return (
    <div id="print-sheets">
      {all.map((sheet) => (
        <article class="print-sheet" key={sheet.slug} data-post={sheet.slug}>
          <h2>{sheet.name}</h2>
          <Facts sheet={sheet} />
          <SheetTables sheet={sheet} window={null} />
        </article>
      ))}
    </div>
  );
}
