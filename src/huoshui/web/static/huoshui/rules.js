/* The form of a rule: clauses are dragged by their handles, or moved with Alt and the arrow keys. Each of these presses
   a button of the form, as readers without scripts do. */
(function () {
  "use strict";
  /* Dragging leaves styles on parts; to carry them over to new ones is what the policy refuses. */
  htmx.config.attributesToSettle = ["class"];
  const form = () => document.getElementById("hs-rule");

  const press = (value) => {
    const button = document.createElement("button");
    button.name = "do";
    button.value = value;
    button.hidden = true;
    form().append(button);
    button.click();
  };

  const makeSortable = () => {
    form().querySelectorAll("[data-parts]").forEach((list) => {
      Sortable.create(list, {
        group: "parts", handle: ".hs-grip", animation: 120, fallbackOnBody: true, swapThreshold: 0.65,
        onEnd: (event) => {
          if (event.from === event.to && event.oldIndex === event.newIndex) return;
          press(`move:${event.item.dataset.part}>${event.to.dataset.parts}:${event.newIndex}`);
        },
      });
    });
  };

  /* What somebody is typing while an answer arrives stays typed. */
  let typing = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const field = document.activeElement;
    typing = event.target.id === "hs-rule" && field && field.id && field.value !== field.defaultValue && field.matches("input, textarea")
      ? { id: field.id, value: field.value } : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!form()) return;
    const field = typing && document.getElementById(typing.id);
    if (field) field.value = typing.value;
    typing = null;
    makeSortable();
  });

  /* Name and note change nothing that is counted; what is dragged tells of each place that it passes. */
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-quiet], [data-parts]")) event.stopPropagation();
  }, true);

  const arrows = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "in", ArrowLeft: "out" };
  document.addEventListener("keydown", (event) => {
    const part = event.altKey && arrows[event.key] && event.target.closest("#hs-rule [data-part]");
    if (!part) return;
    event.preventDefault();
    press(`${arrows[event.key]}:${part.dataset.part}`);
  });

  makeSortable();
})();
