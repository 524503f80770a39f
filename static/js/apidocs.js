/* Swagger UI over this side's OpenAPI document; calls carry the session's CSRF token. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("api-docs");
  const cookie = (name) =>
    document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
  window.SwaggerUIBundle({
    domNode: place,
    url: place.dataset.schema,
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    filter: true,
    validatorUrl: null,
    requestInterceptor: (request) => {
      if (!["GET", "HEAD"].includes(request.method)) request.headers["X-CSRFToken"] = cookie(place.dataset.csrf);
      return request;
    },
  });
});
