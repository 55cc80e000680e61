/** What lists do: rows and cells by keys, selection and runs over it, columns, the panel beside, live rows. */
import { prepareBulk, startBulk } from "./bulk.ts";
import { prepareCells, startCellKeys, startCells } from "./cells.ts";
import { prepareColumns, startColumns } from "./columns.ts";
import { startGrid } from "./grid.ts";
import { startLive } from "./live.ts";
import { run } from "./parts.ts";
import { startPeek, startPeekKeys } from "./peek.ts";
import { startPlace } from "./place.ts";
import { startSelection } from "./selection.ts";

run({
  starts: [startPeekKeys, startCellKeys, startGrid, startSelection, startColumns, startPlace, startBulk, startCells, startLive, startPeek],
  prepares: [prepareColumns, prepareBulk, prepareCells],
});
