-- What somebody does in Neovim, with `mmdev lsp` behind it: open a spec with mistakes, look around, mend, format.
-- MMDEV_PROGRAM is the server, MMDEV_REPORT the file for what was seen.

local report = {}
local function say(text)
  table.insert(report, text)
end
local function finish(code)
  vim.fn.writefile(vim.split(table.concat(report, "\n"), "\n"), os.getenv("MMDEV_REPORT"))
  vim.cmd(code == 0 and "qall!" or "cquit " .. code)
end
local function wait_for(what, condition)
  if not vim.wait(30000, condition, 20) then
    error("waited in vain for " .. what)
  end
end

local function attach()
  local config = {
    name = "mmdev",
    cmd = { os.getenv("MMDEV_PROGRAM"), "lsp", "--offline" },
    root_dir = vim.fn.getcwd(),
  }
  if vim.lsp.start then
    return vim.lsp.start(config)
  end
  -- Neovim 0.7, Debian 12's.
  local id = vim.lsp.start_client(config)
  vim.lsp.buf_attach_client(0, id)
  return id
end

local function client(id)
  return vim.lsp.get_client_by_id(id)
end

local function diagnostics()
  local lines = {}
  for _, found in ipairs(vim.diagnostic.get(0)) do
    local place = ("%d:%d-%d:%d"):format(found.lnum, found.col, found.end_lnum, found.end_col)
    table.insert(lines, ("%s %s %s: %s"):format(place, found.source, found.code, (found.message:gsub("\n", " | "))))
  end
  table.sort(lines)
  return lines
end

-- Puts the cursor on the first place of `needle`.
local function cursor(needle)
  vim.fn.cursor(1, 1)
  assert(vim.fn.search("\\V" .. needle, "c") > 0, needle)
end

local function request(id, method, more)
  local encoding = client(id).offset_encoding
  local parameters = vim.lsp.util.make_position_params(0, encoding)
  parameters = vim.tbl_extend("force", parameters, more or {})
  local answers, problem = vim.lsp.buf_request_sync(0, method, parameters, 30000)
  assert(answers and answers[id], problem)
  assert(not answers[id].err, vim.inspect(answers[id].err))
  return answers[id].result
end

local function labels(list)
  local names = {}
  for index = 1, math.min(#list.items, 5) do
    table.insert(names, list.items[index].label)
  end
  return ("%d, incomplete %s: %s"):format(#list.items, tostring(list.isIncomplete), table.concat(names, " "))
end

local function session()
  vim.cmd("edit env.yaml")
  local id = attach()
  wait_for("the server", function()
    return client(id) and client(id).initialized
  end)

  wait_for("what channels have", function()
    return #diagnostics() == 6
  end)
  say("== diagnostics")
  say(table.concat(diagnostics(), "\n"))

  say("== hover")
  cursor("numpy >")
  vim.lsp.buf.hover()
  local function float()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= "" then
        return vim.api.nvim_win_get_buf(window)
      end
    end
  end
  wait_for("the hover", float)
  local text = table.concat(vim.api.nvim_buf_get_lines(float(), 0, -1, false), "\n")
  for _, words in ipairs({ "1.25 or newer and older than 2", "newest that fits: 1.26.4" }) do
    say(words .. ": " .. tostring(text:find(words, 1, true) ~= nil))
  end

  say("== completion")
  cursor("numpy >=1.")
  vim.fn.cursor(vim.fn.line("."), vim.fn.col(".") + #"numpy >=1.")
  say(labels(request(id, "textDocument/completion")))
  cursor("- pzz-none")
  vim.fn.cursor(vim.fn.line("."), vim.fn.col(".") + #"- p")
  local names = request(id, "textDocument/completion")
  say(("%d names, incomplete %s"):format(#names.items, tostring(names.isIncomplete)))

  say("== quick fix")
  vim.ui.select = function(items, _, choose)
    choose(items[1], 1)
  end
  cursor("=>1.2")
  vim.lsp.buf.code_action()
  wait_for("the fix", function()
    return vim.fn.search("\\Vpandas>=1.2", "cn") > 0
  end)
  wait_for("one finding less", function()
    return #diagnostics() == 5
  end)
  say(table.concat(diagnostics(), "\n"))

  say("== formatting")
  if vim.lsp.buf.format then
    vim.lsp.buf.format({ async = false, timeout_ms = 30000 })
  else
    vim.lsp.buf.formatting_sync(nil, 30000)
  end
  say(table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n"))

  say("== outline")
  for _, symbol in ipairs(request(id, "textDocument/documentSymbol")) do
    say(symbol.name)
  end

  vim.lsp.stop_client(id)
  wait_for("the server's end", function()
    return client(id) == nil
  end)
end

local ok, problem = xpcall(session, debug.traceback)
if not ok then
  say(problem)
  say("diagnostics: " .. vim.inspect(diagnostics()))
  finish(1)
end
finish(0)
