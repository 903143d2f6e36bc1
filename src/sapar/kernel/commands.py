"""The rooms' commands by name, each as an import path, so that `sapar --help` loads none."""

from __future__ import annotations

from sapar.kernel.registry import Registry

commands: Registry[str] = Registry("commands")
"""Command name to "module.path:click_command"."""
