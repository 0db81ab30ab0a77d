/* What is bought, seller by seller, as the merchant signed it. */
import { h, icon } from "../dom.js";
import { money, t } from "../words.js";

export function orderLines(order) {
  const { currency } = order.amount;
  const sellers = Map.groupBy(order.lines, (line) => line.seller ?? "");
  const rows = [...sellers].flatMap(([seller, lines]) => [
    seller && seller !== order.payee ? h("li.seller", {}, icon("store"), seller) : null,
    ...lines.map((line) => row(line, currency)),
  ]);
  return h("section.stack", {},
    h("ul.panel.flush.lines", { "aria-label": t("Your order") }, rows,
      h("li.total", {}, h("span", {}, t("Total")), h("span.num", {}, money(order.amount)))),
    order.deliver_to ? h("p.muted.small.row.nowrap", {}, icon("map-pin"), h("span", {}, t("Delivered to {address}", { address: order.deliver_to }))) : null);
}

const row = ({ kind, name, quantity, total_minor: minor }, currency) =>
  h(`li${kind === "item" ? "" : ".extra"}`, {},
    h("span", {}, name, quantity > 1 ? h("span.muted", {}, ` × ${quantity}`) : null),
    h("span.num", {}, money({ currency, minor })));
