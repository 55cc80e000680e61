import "./kith.css";
import { startBoards, prepareBoards } from "./board.ts";
import { startDialogs } from "./dialogs.ts";
import { startForms, prepareForms } from "./forms.ts";
import { startGrid } from "./grid.ts";
import { prepareInline, startInline } from "./inline.ts";
import { startKeys } from "./keys.ts";
import { startLookups, prepareLookups } from "./lookup.ts";
import { startMenus } from "./menus.ts";
import { startNavigation } from "./navigation.ts";
import { startPast } from "./past.ts";
import { startProgress } from "./progress.ts";
import { startRequests } from "./requests.ts";
import { startRows } from "./rows.ts";
import { startTabs, prepareTabs } from "./tabs.ts";
import { startTheme } from "./theme.ts";
import { startToasts, prepareToasts } from "./toasts.ts";

// Each behaviour listens on the document once; only what needs an element of its own is prepared per piece of page.
const starts = [
  startRequests, startTheme, startNavigation, startKeys, startGrid, startForms, startLookups, startRows, startTabs,
  startToasts, startMenus, startDialogs, startProgress, startInline, startPast,
  startBoards,
];
const prepares = [
  prepareForms, prepareLookups, prepareTabs, prepareToasts, prepareInline,
  prepareBoards,
];

function prepare(root: ParentNode): void {
  for (const behaviour of prepares) behaviour(root);
}

for (const start of starts) start();
prepare(document);
document.addEventListener("htmx:load", (event) => {
  if (event.target instanceof HTMLElement) prepare(event.target);
});
