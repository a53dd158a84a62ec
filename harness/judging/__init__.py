"""Is it right? The one place where a result is compared with an independent reference."""
