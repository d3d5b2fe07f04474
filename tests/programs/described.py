# SPDX-License-Identifier: Apache-2.0
"""Answers of a collector held against its own /openapi.json: each member that
is there is described, and each that is described is there."""

import csv
import json
import re

import jsonschema


def closed(schema):
    """The schema without room for members that it does not name: clients must
    bear them, the description must not lack them."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    if "properties" in schema and "additionalProperties" not in schema \
            and "required" in schema and len(schema["properties"]) > 1:
        made["additionalProperties"] = False
    return made


class Description:
    def __init__(self, text):
        self.document = json.loads(text)
        self.routes = [
            (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) + "$"),
             operations)
            for path, operations in self.document["paths"].items()]
        self.validators = {}

    def operation(self, method, path):
        path = path.split("?")[0]
        method = "get" if method == "HEAD" else method.lower()
        for pattern, operations in self.routes:
            if pattern.match(path):
                return operations.get(method)
        return None

    def validator(self, schema):
        key = id(schema)
        if key not in self.validators:
            self.validators[key] = jsonschema.Draft202012Validator(
                closed(schema))
        return self.validators[key]

    def check(self, schema, value, path):
        for error in self.validator(schema).iter_errors(value):
            where = "/".join(str(part) for part in error.absolute_path)
            raise AssertionError(
                f"{path}: {where or 'the answer'} is not as described: "
                f"{error.message[:300]}")

    def check_answer(self, method, path, status, media, body):
        """Raises AssertionError where the answer is not as described."""
        operation = self.operation(method, path)
        if operation is None or method == "HEAD" or not body:
            return
        said = operation["responses"].get(
            str(status), operation["responses"]["default"])
        media = media.split(";")[0]
        if "*/*" in said["content"]:
            return
        if media not in said["content"]:
            raise AssertionError(f"{path}: no {media} is described")
        content = said["content"][media]
        if media == "text/csv":
            header = next(csv.reader([body.decode().split("\r\n")[0]]))
            if header != content["x-columns"]:
                raise AssertionError(f"{path}: other columns: {header}")
        elif media == "application/x-ndjson":
            for line in body.decode().splitlines()[:200]:
                self.check(content["schema"], json.loads(line), path)
        elif media == "application/json":
            self.check(content["schema"], json.loads(body), path)
