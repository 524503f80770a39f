from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    name = "erp.returns"
    label = "returns"

    def ready(self) -> None:
        from erp.orders import trail  # models need the app registry
        from erp.returns import panels

        trail.add_section(60, panels.returns)
        trail.add_action(60, panels.next_step)
        trail.add_action(65, panels.open_one)
