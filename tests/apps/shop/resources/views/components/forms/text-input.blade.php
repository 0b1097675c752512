<input>
