/** Links, images and line breaks: safe HTML that is put together from escaped parts and nothing else. */
import { one } from "../exact.ts";
import { type Family, keeping } from "../family.ts";
import { trimmed } from "./calendar.ts";
import { htmlEncoded } from "./encoding.ts";
import { checkedLength } from "./pieces.ts";
import { length } from "./text.ts";

type Text = string | null;
type Pixels = bigint | null | undefined;

const linked = /^(https?:\/\/|mailto:|tel:|\/([^/\\]|$))/i;
const pictured = /^(https?:\/\/|\/([^/\\]|$))/i;
const mostPixels = 2_000n;

function cleaned(address: Text): string {
  // Browsers pass over tabs and line ends in addresses, so they could hide what an address begins with.
  return trimmed(address ?? "").replace(/[\t\n\r]/g, "").replaceAll(" ", "%20");
}

function checked(markup: string): string {
  checkedLength(length(markup));
  return markup;
}

function link(address: Text, text: Text): Text {
  const shown = text ?? address;
  if (shown === null) return null;
  const [url, words] = [cleaned(address), htmlEncoded(shown)];
  return linked.test(url) ? checked(`<a href="${htmlEncoded(url)}">${words}</a>`) : words;
}

function pixels(name: string, number: Pixels): string {
  const whole = (number ?? 0n) / one;
  return whole > 0n ? ` ${name}="${whole < mostPixels ? whole : mostPixels}"` : "";
}

function image(address: Text, text: Text, height: Pixels, width: Pixels): Text {
  const [url, words] = [cleaned(address), htmlEncoded(text ?? "")];
  if (!pictured.test(url)) return words || null;
  return checked(`<img src="${htmlEncoded(url)}" alt="${words}"${pixels("height", height)}${pixels("width", width)}>`);
}

function linkImage(address: Text, picture: Text, text: Text, height: Pixels, width: Pixels): Text {
  const [url, shown] = [cleaned(address), image(picture, text, height, width)];
  return shown !== null && linked.test(url) ? checked(`<a href="${htmlEncoded(url)}">${shown}</a>`) : shown;
}

export const markup: Family = {
  link: keeping((_, address: Text, text: Text) => link(address, text)),
  link_image: keeping((_, address: Text, picture: Text, text: Text, height?: Pixels, width?: Pixels) =>
    linkImage(address, picture, text, height, width)),
  image: keeping((_, address: Text, text: Text, height?: Pixels, width?: Pixels) => image(address, text, height, width)),
  line_break: keeping(() => "<br>"),
};
