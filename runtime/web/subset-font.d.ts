/** The part of the package that `fonts.ts` uses; it brings no types of its own. */
declare module "subset-font" {
  export default function subsetFont(
    font: Uint8Array,
    letters: string,
    options: {
      readonly targetFormat: "woff2";
      readonly variationAxes: Readonly<Record<string, { min: number; max: number; default: number }>>;
      readonly keepFeatures: readonly string[];
    },
  ): Promise<Uint8Array>;
}
